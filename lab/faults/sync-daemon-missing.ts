import { labFaults, unnamed } from './fault.ts';
import { keepalivedEdited } from './means.ts';

/** Every connection is reset when it takes over. */
export const faults = labFaults('sync-daemon-missing', {
  title: 'The standby takes no copy of the connections',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director2',
  ...keepalivedEdited('/lvs_sync_daemon/d'),
  expect: unnamed('ha/sync-daemon', { on: 'director1', outcome: 'warn' }),
});
