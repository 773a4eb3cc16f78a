import { labFaults, unnamed } from './fault.ts';
import { keepalivedEdited } from './means.ts';

/** It takes the VIP, and answers clients with RST. */
export const faults = labFaults('backup-lacks-rules', {
  title: 'The standby has no virtual server in its configuration',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director2',
  ...keepalivedEdited('/^virtual_server/,$d'),
  expect: unnamed('ha/standby-rules', { on: 'director1' }),
});
