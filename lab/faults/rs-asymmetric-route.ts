import { labFaults, named, ofWeb } from './fault.ts';
import { added } from './means.ts';

/** The way by source has nothing for the VIP: what is answered from the address of the host itself would go out. */
export const faults = labFaults(
  'rs-asymmetric-route',
  ...['blackhole', 'unreachable', 'prohibit'].map((type, index) => ({
    ...(index === 0 ? {} : { way: type }),
    title: `A rule of a real server says ${type} to what it answers from the VIP`,
    topologies: ['dr', 'dr-routed', 'tun'],
    targets: 'real-server' as const,
    ...added([`ip rule add pref 100 from 192.168.122.100 ${type}`], ['ip rule del pref 100']),
    expect: named('rs-asymmetric-route', 'real-server/vip-reply-route', ofWeb),
  })),
);
