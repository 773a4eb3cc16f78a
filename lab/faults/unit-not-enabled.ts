import { labFaults, unnamed } from './fault.ts';
import { added } from './means.ts';

/** What runs now is not there after the next boot. */
export const faults = labFaults('unit-not-enabled', {
  title: 'The web service of a real server is not started at boot',
  topologies: ['nat', 'dr'],
  targets: 'real-server',
  ...added(['systemctl -q disable nginx'], ['systemctl -q enable nginx']),
  expect: unnamed('network/unit-state', { outcome: 'warn' }),
});
