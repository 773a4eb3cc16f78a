import { type LabFault, named } from './fault.ts';
import { addressGone } from './means.ts';

/** Nobody answers ARP for the VIP; where a packet comes all the same, it is not for this host. */
export const fault: LabFault = {
  id: 'vip-absent-on-director',
  title: 'A director does not have the VIP',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'director',
  defaultHost: 'director1',
  ...addressGone('192.168.122.100'),
  expect: named('vip-absent-on-director', 'director/vip', 'web'),
};
