import { labFaults, unnamed } from './fault.ts';
import { keepalivedEdited } from './means.ts';

/** They are sent and thrown away. */
export const faults = labFaults('sync-id-mismatch', {
  title: 'The standby takes copies of connections of another sync id',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director2',
  ...keepalivedEdited('/lvs_sync_daemon/s/id 51/id 52/'),
  expect: unnamed('ha/sync-daemon', { on: 'director1', outcome: 'warn' }),
});
