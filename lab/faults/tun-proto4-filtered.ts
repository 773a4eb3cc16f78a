import type { LabFault } from './fault.ts';
import { filterRule } from './means.ts';

/** The packet filter of the real server knows TCP and UDP, and not IP in IP. */
export const fault: LabFault = {
  id: 'tun-proto4-filtered',
  title: 'The packet filter of a real server drops the tunnel',
  topologies: ['tun'],
  targets: 'real-server',
  defaultHost: 'rs2',
  ...filterRule('INPUT -p ipencap -j DROP'),
  expect: (host) => ({
    exitCode: 1,
    diagnoses: [{ cause: 'tun-proto4-filtered', host }],
    verdicts: [{ check: 'real-server/firewall', subject: { host, service: 'web' }, outcome: 'fail' }],
  }),
};
