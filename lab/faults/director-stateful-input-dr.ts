import { labFaults, named, ofWeb } from './fault.ts';
import { filterChain } from './packet-filter.ts';

/** Without net.ipv4.vs.conntrack connection tracking forgets what IPVS took over, so only the SYN is let in: ESTABLISHED never matches. */
export const faults = labFaults('director-stateful-input-dr', {
  title: 'A director lets new connections in, and drops what follows',
  topologies: ['dr', 'dr-routed', 'tun'],
  targets: 'director',
  ...filterChain('INPUT -d 192.168.122.100 -p tcp --dport 80', [
    '-p tcp --syn -m conntrack --ctstate NEW -j ACCEPT',
    '-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
    '-j DROP',
  ]),
  expect: named('director-stateful-input-dr', 'director/firewall', ofWeb),
});
