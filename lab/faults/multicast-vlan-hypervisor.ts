import { labFaults, namedIfFelt } from './fault.ts';
import { added } from './means.ts';

/** As a switch does that snoops IGMP and has no querier: what director1 tells all never leaves the port. */
export const faults = labFaults('multicast-vlan-hypervisor', {
  title: 'The switch gives the standby no multicast, so it is master too',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director2',
  ports: { apply: 'type bridge_slave mcast_flood off', revert: 'type bridge_slave mcast_flood on' },
  ...added(['sleep 6'], ['sleep 6']),
  expect: namedIfFelt('multicast-vlan-hypervisor', 'ha/vip-holder', { on: 'director1' }),
});
