import { type LabFault, labFaults, named, ofWeb } from './fault.ts';
import { added, addressGone, together } from './means.ts';

const common = {
  targets: 'real-server',
  expect: named('rs-vip-missing', 'real-server/vip', ofWeb),
} as const satisfies Partial<LabFault>;

/** Packets of VS/DR come for an address that the real server does not have: IpInAddrErrors rises. */
export const faults = labFaults(
  'rs-vip-missing',
  {
    ...common,
    title: 'A real server does not have the VIP',
    topologies: ['dr', 'dr-routed'],
    ...addressGone('192.168.122.100'),
  },
  {
    ...common,
    way: 'forwarding',
    title: 'A real server does not have the VIP, and sends its packets back to the director, round and round',
    topologies: ['dr', 'dr-routed'],
    ...together(
      addressGone('192.168.122.100'),
      added(['sysctl -qw net.ipv4.ip_forward=1'], ['sysctl -qw net.ipv4.ip_forward=0']),
    ),
  },
  {
    ...common,
    way: 'v6',
    title: 'A real server does not have the VIP of IPv6',
    topologies: ['dr-v6'],
    ...addressGone('fd00:122::100'),
  },
);
