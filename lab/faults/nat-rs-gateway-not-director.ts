import { labFaults, named, ofWeb } from './fault.ts';
import { added, defaultRoute, route, ruledRoute, together } from './means.ts';

/**
 * The real server answers by way of a host that is no router: requests come in through the director, replies leave past it
 * and die. The director itself, on the same link, goes on reaching the real server.
 */
export const faults = labFaults(
  'nat-rs-gateway-not-director',
  {
    title: "A real server's default gateway is not the director",
    topologies: ['nat'],
    targets: 'real-server',
    ...defaultRoute('default via 10.10.10.2'),
    expect: named('nat-rs-gateway-not-director', 'real-server/reply-route', ofWeb),
  },
  {
    way: 'policy-route',
    title: 'A rule sends what a real server answers another way than to the director',
    topologies: ['nat'],
    targets: 'real-server',
    ...together(
      added(['ip rule add pref 90 ipproto tcp sport 22 lookup main'], ['ip rule del pref 90']),
      // The director is on link, as before.
      route('10.10.10.0/24 dev eth0 table 99'),
      ruledRoute('from $address', 'default via 10.10.10.2'),
    ),
    expect: named('nat-rs-gateway-not-director', 'real-server/reply-route', ofWeb),
  },
);
