import { labFaults, named, ofWeb } from './fault.ts';
import { added, addressMoved, together } from './means.ts';

const vip = '192.168.122.100';

/** The director has the VIP, and nobody who asks for it on the segment is answered. */
export const faults = labFaults('vip-on-wrong-interface-or-down', {
  title: 'A director has the VIP on lo, and answers for addresses of the interface that is asked alone',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'director',
  ...together(
    added(['sysctl -qw net.ipv4.conf.eth0.arp_ignore=1'], ['sysctl -qw net.ipv4.conf.eth0.arp_ignore=0']),
    addressMoved(vip, `${vip}/32 dev lo`),
  ),
  expect: named('vip-on-wrong-interface-or-down', 'director/vip', ofWeb),
});
