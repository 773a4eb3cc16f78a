import { labFaults, named, ofWeb } from './fault.ts';
import { added, together } from './means.ts';
import { filterChain, filterRule } from './packet-filter.ts';

const web = '-d 192.168.122.100 -p tcp --dport 80';

/** The answers go round the director, so what follows a SYN is of no connection that conntrack knows: ESTABLISHED never matches. */
export const faults = labFaults(
  'director-stateful-input-dr',
  {
    title: 'A director lets new connections in, and drops what follows',
    topologies: ['dr', 'dr-routed', 'tun'],
    targets: 'director',
    ...filterChain(`INPUT ${web}`, [
      '-p tcp --syn -m conntrack --ctstate NEW -j ACCEPT',
      '-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
      '-j DROP',
    ]),
    expect: named('director-stateful-input-dr', 'director/firewall', ofWeb),
  },
  {
    way: 'tracked',
    title: 'A director tracks what IPVS forwards, and drops what is INVALID of it',
    topologies: ['dr', 'tun'],
    targets: 'director',
    ...together(
      added(['sysctl -qw net.ipv4.vs.conntrack=1'], ['sysctl -qw net.ipv4.vs.conntrack=0']),
      filterRule(`INPUT ${web} -m conntrack --ctstate INVALID -j DROP`),
    ),
    expect: named('director-stateful-input-dr', 'director/firewall', ofWeb),
  },
);
