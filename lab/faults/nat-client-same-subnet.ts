import { labFaults, named, ofWeb } from './fault.ts';
import { added, route } from './means.ts';

/** The real server takes the client for a neighbour and answers it without the director. */
export const faults = labFaults(
  'nat-client-same-subnet',
  {
    title: "A real server has an address in the clients' network",
    topologies: ['nat'],
    targets: 'real-server',
    ...added(['ip address add 192.168.122.200/24 dev eth0'], ['ip address del 192.168.122.200/24 dev eth0']),
    expect: named('nat-client-same-subnet', 'real-server/reply-route', ofWeb),
  },
  {
    way: 'route',
    title: "A real server has a route that says the clients' network is on link",
    topologies: ['nat'],
    targets: 'real-server',
    ...route('192.168.122.0/24 dev eth0'),
    expect: named('nat-client-same-subnet', 'real-server/reply-route', ofWeb),
  },
);
