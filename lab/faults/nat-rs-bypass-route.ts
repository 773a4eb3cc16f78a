import { labFaults, named, ofWeb } from './fault.ts';
import { detour, route } from './means.ts';

/** As of a management network: the default gateway is right, a more specific route is not. */
export const faults = labFaults(
  'nat-rs-bypass-route',
  {
    title: "A real server's route to the clients' network leads past the director, and its default route does not",
    topologies: ['nat'],
    targets: 'real-server',
    ...route('192.168.122.0/24 via 10.10.10.2'),
    expect: named('nat-rs-bypass-route', 'real-server/reply-route', ofWeb),
  },
  {
    way: 'rule',
    title: "A rule sends what a real server has for the clients' network past the director",
    topologies: ['nat'],
    targets: 'real-server',
    ...detour('192.168.122.0/24', 'default via 10.10.10.2'),
    expect: named('nat-rs-bypass-route', 'real-server/reply-route', ofWeb),
  },
);
