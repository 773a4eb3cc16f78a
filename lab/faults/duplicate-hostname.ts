import { labFaults, unnamed } from './fault.ts';
import { added } from './means.ts';

/** As of a machine that was cloned: logs and inventories take one for the other. */
export const faults = labFaults('duplicate-hostname', {
  title: 'A real server calls itself as the director does',
  topologies: ['nat', 'dr'],
  targets: 'real-server',
  ...added(['hostname director1'], ['hostname $host']),
  expect: unnamed('network/hostname'),
});
