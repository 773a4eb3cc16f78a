import { type LabFault, labFaults, named, ofWeb } from './fault.ts';
import { added, addressMoved, together } from './means.ts';

const common = {
  topologies: ['nat', 'dr', 'tun'],
  targets: 'director',
  expect: named('vip-on-wrong-interface-or-down', 'director/vip', ofWeb),
} as const satisfies Partial<LabFault>;
const vip = '192.168.122.100';

/** The director has the VIP, and nobody who asks for it on the segment is answered. */
export const faults = labFaults(
  'vip-on-wrong-interface-or-down',
  {
    ...common,
    title: 'A director has the VIP on lo, and answers for addresses of the interface that is asked alone',
    ...together(
      added(['sysctl -qw net.ipv4.conf.eth0.arp_ignore=1'], ['sysctl -qw net.ipv4.conf.eth0.arp_ignore=0']),
      addressMoved(vip, `${vip}/32 dev lo`),
    ),
  },
  {
    ...common,
    way: 'down',
    title: 'A director has the VIP on an interface that is down',
    // What is local goes away with the link; of a link that was never up it stays (fib_add_ifaddr() in fib_frontend.c).
    ...together(
      added(['ip link add vip0 type dummy', 'ip link set vip0 up'], ['ip link del vip0']),
      addressMoved(vip, `${vip}/32 dev vip0`),
      added(['ip link set vip0 down'], [':']),
    ),
  },
);
