import { labFaults, named, ofWeb } from './fault.ts';
import { rulesEdited } from './means.ts';

/** Ended connections count for two minutes: a burst fills every real server, and the rest is refused. */
export const faults = labFaults('overload-threshold', {
  title: 'Thresholds let each real server have two connections',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'director',
  ...rulesEdited('/^-a/ s/$/ -x 2/'),
  expect: named('overload-threshold', 'virtual-service/overload-threshold', ofWeb),
});
