import { labFaults, named, ofWeb } from './fault.ts';
import { keepalivedEdited } from './means.ts';

/** The page is there, and another status is expected of it: every real server is taken out. */
export const faults = labFaults('sorry-server-active', {
  title: 'The checks of a director find no real server well, and its sorry server answers',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director1',
  ...keepalivedEdited('s/status_code 200/status_code 204/'),
  expect: named('sorry-server-active', 'virtual-service/rules', ofWeb),
});
