import { labFaults, named, ofWeb } from './fault.ts';
import { addressMoved, speaking, together } from './means.ts';

const vip = '192.168.122.100';

/** An address of the interface that is asked is answered for, whatever arp_ignore says. */
export const faults = labFaults('rs-vip-on-nic', {
  title: 'A real server has the VIP on its network interface, and tells the segment',
  topologies: ['dr', 'dr-routed'],
  targets: 'real-server',
  ...together(addressMoved(vip, `${vip}/32 dev eth0`), speaking(vip, `-U ${vip}`)),
  expect: named('rs-vip-on-nic', 'real-server/vip-interface', ofWeb),
});
