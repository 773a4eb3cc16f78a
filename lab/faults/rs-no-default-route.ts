import type { LabFault } from './fault.ts';
import { defaultRoute } from './means.ts';

/** The SYN-ACK has nowhere to go: IpOutNoRoutes rises on the real server, and the client's SYN comes again and again. */
export const fault: LabFault = {
  id: 'rs-no-default-route',
  title: 'A real server has no default route',
  topologies: ['nat'],
  targets: 'real-server',
  defaultHost: 'rs2',
  ...defaultRoute(),
  expect: (host) => ({
    exitCode: 1,
    diagnoses: [{ cause: 'rs-no-default-route', host }],
    verdicts: [{ check: 'real-server/reply-route', subject: { host, service: 'web' }, outcome: 'fail' }],
  }),
};
