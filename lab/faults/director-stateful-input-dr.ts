import { type LabFault, named } from './fault.ts';

const web = '-d 192.168.122.100 -p tcp --dport 80';

/** Without net.ipv4.vs.conntrack connection tracking forgets what IPVS took over, so only the SYN is let in: ESTABLISHED never matches. */
export const fault: LabFault = {
  id: 'director-stateful-input-dr',
  title: 'A director lets new connections in, and drops what follows',
  topologies: ['dr'],
  targets: 'director',
  defaultHost: 'director1',
  find: ':',
  apply: [
    'iptables -N IPVET',
    'iptables -A IPVET -p tcp --syn -m conntrack --ctstate NEW -j ACCEPT',
    'iptables -A IPVET -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
    'iptables -A IPVET -j DROP',
    `iptables -I INPUT ${web} -j IPVET`,
  ].join(' && '),
  revert: () => [`iptables -D INPUT ${web} -j IPVET`, 'iptables -F IPVET', 'iptables -X IPVET'].join(' && '),
  expect: named('director-stateful-input-dr', 'director/firewall', 'web'),
};
