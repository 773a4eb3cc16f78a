import { labFaults, unnamed } from './fault.ts';
import { added } from './means.ts';

/** Nobody notices until the master dies. */
export const faults = labFaults('backup-not-running', {
  title: 'keepalived does not run on the standby',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director2',
  ...added(['systemctl stop keepalived'], ['systemctl start keepalived', 'sleep 6']),
  expect: unnamed('ha/daemon'),
});
