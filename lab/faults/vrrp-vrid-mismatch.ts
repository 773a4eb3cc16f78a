import { labFaults, namedIfFelt } from './fault.ts';
import { keepalivedEdited } from './means.ts';

/** Each hears nothing of its own router, and is master of it. */
export const faults = labFaults('vrrp-vrid-mismatch', {
  title: 'Two directors that should stand in for each other are of different virtual routers',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director2',
  ...keepalivedEdited('s/virtual_router_id 51/virtual_router_id 61/'),
  expect: namedIfFelt('vrrp-vrid-mismatch', 'ha/virtual-router-id', { on: 'director1', blamed: 'director1' }),
});
