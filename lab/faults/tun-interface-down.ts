import { labFaults, named, ofWeb } from './fault.ts';
import { added } from './means.ts';

/** ipip is loaded and tunl0 is down, so the kernel answers what is tunnelled with an ICMP error. */
export const faults = labFaults('tun-interface-down', {
  title: 'The tunnel of a real server is down',
  topologies: ['tun'],
  targets: 'real-server',
  ...added(['ip link set tunl0 down'], ['ip link set tunl0 up']),
  expect: named('tun-interface-down', 'real-server/tunnel', ofWeb),
});
