import { labFaults, unnamed } from './fault.ts';
import { added } from './means.ts';

/** Clocks agree now, and part from here on. */
export const faults = labFaults('time-sync-missing', {
  title: 'A real server runs no time service',
  topologies: ['nat', 'dr'],
  targets: 'real-server',
  ...added(['systemctl stop chrony'], ['systemctl start chrony']),
  expect: unnamed('network/time-service', { outcome: 'warn' }),
});
