import { type LabFault, labFaults, named, ofWeb } from './fault.ts';
import { added, defaultRoute, sshAsBefore, together } from './means.ts';

const common = {
  topologies: ['nat', 'dr-routed', 'tun'],
  targets: 'real-server',
  expect: (host, topology) =>
    named(
      'rs-no-default-route',
      `real-server/${topology === 'nat' ? 'reply-route' : 'vip-reply-route'}`,
      ofWeb,
    )(host, topology),
} as const satisfies Partial<LabFault>;

/** The SYN-ACK has nowhere to go: IpOutNoRoutes rises on the real server, and the client's SYN comes again and again. */
export const faults = labFaults(
  'rs-no-default-route',
  { ...common, title: 'A real server has no default route', ...together(sshAsBefore, defaultRoute()) },
  ...['unreachable', 'blackhole', 'prohibit'].map((type) => ({
    ...common,
    way: type,
    title: `A real server's default route is of the kind ${type}`,
    ...together(sshAsBefore, defaultRoute(`${type} default`)),
  })),
  {
    ...common,
    way: 'rule',
    title: 'A rule of a real server says that there is no way to the clients',
    topologies: ['nat'],
    ...added(['ip rule add pref 100 from $address to 192.168.122.0/24 unreachable'], ['ip rule del pref 100']),
  },
);
