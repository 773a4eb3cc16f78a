import { labFaults } from './fault.ts';
import { addressGone } from './means.ts';

/** It answers the checks of its own address, and stays in the table; what fails is named after the VIP. */
export const faults = labFaults('healthcheck-false-positive', {
  title: 'A real server has lost the VIP, and the health checks of the directors do not see it',
  topologies: ['ha'],
  targets: 'real-server',
  ...addressGone('192.168.122.100'),
  expect: (host) => ({
    exitCode: 1,
    diagnoses: [{ cause: 'rs-vip-missing', host }],
    verdicts: [{ check: 'ha/health-checks', subject: { host: 'director1' }, outcome: 'warn' }],
  }),
});
