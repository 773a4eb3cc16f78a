import { type LabFault, named } from './fault.ts';
import { defaultRoute } from './means.ts';

/** The real server's default route points at a host that is no router: requests come in through the director, replies leave past it
 * and die. The director itself, on the same link, goes on reaching the real server. */
export const fault: LabFault = {
  id: 'nat-rs-gateway-not-director',
  title: "A real server's default gateway is not the director",
  topologies: ['nat'],
  targets: 'real-server',
  defaultHost: 'rs2',
  ...defaultRoute('via 10.10.10.2'),
  expect: named('nat-rs-gateway-not-director', 'real-server/reply-route', 'web'),
};
