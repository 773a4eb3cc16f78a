import { labFaults, ofWeb, unnamed } from './fault.ts';
import { addressMoved } from './means.ts';

const vip = '192.168.122.100';

/** The real server takes half of its segment for itself, the director among it; clients behind the router are served. */
export const faults = labFaults('rs-vip-wrong-prefix', {
  title: 'A real server has the VIP with the prefix of a network',
  topologies: ['dr-routed'],
  targets: 'real-server',
  ...addressMoved(vip, `${vip}/25 dev lo`),
  expect: unnamed('real-server/vip-prefix', ofWeb),
});
