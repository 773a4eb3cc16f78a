import { labFaults, namedIfFelt } from './fault.ts';
import { keepalivedEdited } from './means.ts';

/** Adverts with another list are thrown away. */
export const faults = labFaults('vrrp-vip-list-mismatch', {
  title: 'The standby has one address more in its list',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director2',
  ...keepalivedEdited('0,/ dev eth0/s//&\\n192.168.122.201\\/32 dev eth0/'),
  expect: namedIfFelt('vrrp-vip-list-mismatch', 'ha/virtual-addresses', { on: 'director1', blamed: 'director1' }),
});
