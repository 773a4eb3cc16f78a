import { labFaults, namedIfFelt } from './fault.ts';
import { keepalivedEdited } from './means.ts';

/** Neither hears the other. */
export const faults = labFaults('vrrp-unicast-misconfig', {
  title: 'The standby speaks to its peer alone, which speaks to everybody',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director2',
  ...keepalivedEdited('0,/virtual_router_id 51/s//&\\nunicast_peer {\\n192.168.122.10\\n}/'),
  expect: namedIfFelt('vrrp-unicast-misconfig', 'ha/unicast-peers', { on: 'director1', blamed: 'director1' }),
});
