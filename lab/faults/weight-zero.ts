import { labFaults, named, ofWeb } from './fault.ts';
import { rulesEdited } from './means.ts';

/** Every destination is quiesced: new connections are refused by ICMP, and count nowhere. */
export const faults = labFaults('weight-zero', {
  title: 'All real servers have weight 0',
  topologies: ['nat', 'dr', 'dr-routed', 'tun', 'dr-v6'],
  targets: 'director',
  ...rulesEdited('/^-a/ s/ -w [0-9]+/ -w 0/'),
  expect: named('weight-zero', 'virtual-service/weights', ofWeb),
});
