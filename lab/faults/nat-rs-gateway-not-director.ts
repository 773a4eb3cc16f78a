import { IpvetError } from '../../lib/errors.ts';
import type { LabFault } from './fault.ts';

/** Every default route, also those with a metric. */
const FORGET = 'ip -4 route flush exact 0.0.0.0/0';

/**
 * The real server's default route points at a host that is no router: requests come in through the director, replies
 * leave past it and die. The director itself, on the same link, goes on reaching the real server.
 */
export const fault: LabFault = {
  id: 'nat-rs-gateway-not-director',
  title: "A real server's default gateway is not the director",
  topologies: ['nat'],
  targets: 'real-server',
  defaultHost: 'rs2',
  find: 'ip -4 route show default',
  apply: `${FORGET} && ip -4 route add default via 10.10.10.2`,
  revert(found) {
    const routes = found.split('\n').filter((line) => line.trim() !== '');
    // The text goes into a shell again; `ip` prints routes in these characters.
    const strange = routes.find((route) => !/^default [\w .:/-]+$/.test(route));
    if (strange !== undefined) throw new IpvetError('LAB', `"${strange}" is not a default route to bring back`);
    return [FORGET, ...routes.map((route) => `ip -4 route add ${route.trim()}`)].join(' && ');
  },
  expect: (host) => ({
    exitCode: 1,
    diagnoses: [{ cause: 'nat-rs-gateway-not-director', host }],
    verdicts: [{ check: 'real-server/reply-route', subject: { host }, outcome: 'fail' }],
  }),
};
