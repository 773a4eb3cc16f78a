import { labFaults, unnamed } from './fault.ts';
import { keepalivedEdited } from './means.ts';

/** The higher address decides, and at the same moment both may. */
export const faults = labFaults('vrrp-equal-priority', {
  title: 'Both directors have the same priority',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director2',
  ...keepalivedEdited('s/priority 100/priority 150/'),
  expect: unnamed('ha/priority', { on: 'director1', outcome: 'warn' }),
});
