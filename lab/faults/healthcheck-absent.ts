import { labFaults, unnamed } from './fault.ts';
import { keepalivedEdited } from './means.ts';

/** One that dies stays in the table. */
export const faults = labFaults('healthcheck-absent', {
  title: 'A director does not look whether its real servers are there',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director1',
  ...keepalivedEdited('/TCP_CHECK {/,/^        }/d', '/HTTP_GET {/,/^        }/d'),
  expect: unnamed('ha/health-checks', { outcome: 'warn' }),
});
