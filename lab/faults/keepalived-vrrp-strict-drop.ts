import { labFaults, named } from './fault.ts';
import { keepalivedEdited } from './means.ts';

/** VRRP to the letter: only the owner of an address, priority 255, takes packets for it. */
export const faults = labFaults('keepalived-vrrp-strict-drop', {
  title: 'The master has the VIP and drops what is sent to it (vrrp_strict)',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director1',
  ...keepalivedEdited('0,/router_id/s//vrrp_strict\\n&/'),
  expect: named('keepalived-vrrp-strict-drop', 'ha/vip-acceptance'),
});
