import { labFaults, named, namedByDirector, ofWeb } from './fault.ts';
import { added, together } from './means.ts';
import { dropPolicy, filterChain, filterRule, needed } from './packet-filter.ts';

const toPort80 = 'match ip protocol 6 0xff match ip dport 80 0xffff';
const all = ['nat', 'dr', 'tun'];

/** A packet filter that lets nothing in on the port, and says nothing. */
export const faults = labFaults(
  'rs-firewall-drop',
  {
    title: 'The packet filter of a real server drops requests',
    topologies: [...all, 'dr-routed'],
    targets: 'real-server',
    ...filterRule('INPUT -p tcp --dport 80 -j DROP'),
    expect: named('rs-firewall-drop', 'real-server/firewall', ofWeb),
  },
  {
    way: 'policy',
    title: 'A real server lets in SSH and what it began itself, and drops the rest by the policy of INPUT',
    topologies: all,
    targets: 'real-server',
    ...together(dropPolicy('INPUT'), filterChain('INPUT', [...needed, '-p ipencap -j ACCEPT'])),
    expect: named('rs-firewall-drop', 'real-server/firewall', ofWeb),
  },
  {
    way: 'raw',
    title: 'A real server drops requests in PREROUTING of the table raw',
    topologies: all,
    targets: 'real-server',
    ...filterRule('-t raw PREROUTING -p tcp --dport 80 -j DROP'),
    expect: named('rs-firewall-drop', 'real-server/firewall', ofWeb),
  },
  {
    way: 'mangle',
    title: 'A real server drops requests in INPUT of the table mangle',
    topologies: all,
    targets: 'real-server',
    ...filterRule('-t mangle INPUT -p tcp --dport 80 -j DROP'),
    expect: named('rs-firewall-drop', 'real-server/firewall', ofWeb),
  },
  {
    way: 'tc',
    title: 'A real server drops requests where its interface takes them in, which no packet filter shows',
    topologies: ['nat', 'dr'],
    targets: 'real-server',
    ...added(
      ['tc qdisc add dev eth0 ingress', `tc filter add dev eth0 ingress protocol ip u32 ${toPort80} action drop`],
      ['tc qdisc del dev eth0 ingress'],
    ),
    expect: namedByDirector('rs-firewall-drop', 'director/real-server-reach', ofWeb),
  },
  {
    way: 'v6',
    title: 'The packet filter of a real server drops requests over IPv6',
    topologies: ['dr-v6'],
    targets: 'real-server',
    ...filterRule('INPUT -p tcp --dport 80 -j DROP', 'ip6tables-legacy'),
    expect: named('rs-firewall-drop', 'real-server/firewall', ofWeb),
  },
);
