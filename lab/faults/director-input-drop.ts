import { labFaults, named, ofWeb } from './fault.ts';
import { together } from './means.ts';
import { dropPolicy, filterChain, filterRule, needed } from './packet-filter.ts';

const web = '-d 192.168.122.100 -p tcp --dport 80';
const all = ['nat', 'dr', 'dr-routed', 'tun'];

/** INPUT comes before IPVS: no entry is ever made. */
export const faults = labFaults(
  'director-input-drop',
  {
    title: 'The packet filter of a director drops requests in INPUT',
    topologies: all,
    targets: 'director',
    ...filterRule(`INPUT ${web} -j DROP`),
    expect: named('director-input-drop', 'director/firewall', ofWeb),
  },
  {
    way: 'policy',
    title: 'A director lets in SSH and what it began itself, and drops the rest by the policy of INPUT',
    topologies: ['nat', 'dr', 'tun'],
    targets: 'director',
    ...together(dropPolicy('INPUT'), filterChain('INPUT', needed)),
    expect: named('director-input-drop', 'director/firewall', ofWeb),
  },
  {
    way: 'reject',
    title: 'The packet filter of a director rejects requests in INPUT',
    topologies: ['nat', 'dr', 'tun'],
    targets: 'director',
    ...filterRule(`INPUT ${web} -j REJECT --reject-with icmp-host-prohibited`),
    expect: named('director-input-drop', 'director/firewall', ofWeb),
  },
  {
    way: 'raw',
    title: 'A director drops requests in PREROUTING of the table raw',
    topologies: ['nat', 'dr', 'tun'],
    targets: 'director',
    ...filterRule(`-t raw PREROUTING ${web} -j DROP`),
    expect: named('director-input-drop', 'director/firewall', ofWeb),
  },
  {
    way: 'v6',
    title: 'The packet filter of a director drops requests over IPv6 in INPUT',
    topologies: ['dr-v6'],
    targets: 'director',
    ...filterRule('INPUT -p tcp --dport 80 -j DROP', 'ip6tables-legacy'),
    expect: named('director-input-drop', 'director/firewall', ofWeb),
  },
);
