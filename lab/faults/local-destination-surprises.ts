import { labFaults, namedByDirector, ofWeb } from './fault.ts';
import { added } from './means.ts';

/** What the rules give to the real server is delivered on the director, where nothing serves it. */
export const faults = labFaults('local-destination-surprises', {
  title: 'A director has the address of a real server itself',
  topologies: ['dr', 'tun'],
  targets: 'real-server',
  madeOn: 'director',
  ...added(
    ['sysctl -qw net.ipv4.conf.eth0.arp_ignore=1', 'ip address add $address/32 dev lo'],
    ['ip address del $address/32 dev lo', 'sysctl -qw net.ipv4.conf.eth0.arp_ignore=0'],
  ),
  expect: namedByDirector('local-destination-surprises', 'director/local-destination', ofWeb),
});
