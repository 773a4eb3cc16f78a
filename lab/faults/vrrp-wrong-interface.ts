import { labFaults, unnamed } from './fault.ts';
import { keepalivedEdited } from './means.ts';

/** It never takes the VIP. */
export const faults = labFaults('vrrp-wrong-interface', {
  title: 'The standby would be master on an interface that it does not have',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director2',
  ...keepalivedEdited('0,/interface eth0/s//interface eth9/'),
  expect: unnamed('ha/vrrp-interface'),
});
