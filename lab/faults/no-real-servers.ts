import { labFaults, named, ofWeb } from './fault.ts';
import { rulesEdited } from './means.ts';

/** The service is there and has nobody to give connections to: they are refused by ICMP. */
export const faults = labFaults('no-real-servers', {
  title: 'A service has no real server',
  topologies: ['nat', 'dr', 'dr-routed', 'tun', 'dr-v6'],
  targets: 'director',
  ...rulesEdited('/^-a/ d'),
  expect: named('no-real-servers', 'virtual-service/weights', ofWeb),
});
