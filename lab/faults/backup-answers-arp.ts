import { labFaults, namedIfFelt } from './fault.ts';
import { added } from './means.ts';

/** It is quicker than the master now and then. */
export const faults = labFaults('backup-answers-arp', {
  title: 'The standby has the VIP on lo, and answers for it',
  topologies: ['ha'],
  targets: 'director',
  defaultHost: 'director2',
  ...added(['ip address add 192.168.122.100/32 dev lo'], ['ip address del 192.168.122.100/32 dev lo']),
  expect: namedIfFelt('backup-answers-arp', 'network/vip-owner', { on: 'director1' }),
});
