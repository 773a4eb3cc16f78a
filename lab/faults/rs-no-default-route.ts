import { type LabFault, named } from './fault.ts';
import { defaultRoute } from './means.ts';

/** The SYN-ACK has nowhere to go: IpOutNoRoutes rises on the real server, and the client's SYN comes again and again. */
export const fault: LabFault = {
  id: 'rs-no-default-route',
  title: 'A real server has no default route',
  topologies: ['nat'],
  targets: 'real-server',
  defaultHost: 'rs2',
  ...defaultRoute(),
  expect: named('rs-no-default-route', 'real-server/reply-route', 'web'),
};
