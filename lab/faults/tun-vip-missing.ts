import { labFaults, named, ofWeb } from './fault.ts';
import { addressGone } from './means.ts';

/** What comes out of the tunnel is for an address that the real server does not have. */
export const faults = labFaults('tun-vip-missing', {
  title: 'A real server of VS/TUN does not have the VIP',
  topologies: ['tun'],
  targets: 'real-server',
  ...addressGone('192.168.122.100'),
  expect: named('tun-vip-missing', 'real-server/vip', ofWeb),
});
