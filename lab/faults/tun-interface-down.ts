import { type LabFault, named } from './fault.ts';

/** ipip is loaded and tunl0 is down, so the kernel answers what is tunnelled with an ICMP error. */
export const fault: LabFault = {
  id: 'tun-interface-down',
  title: 'The tunnel of a real server is down',
  topologies: ['tun'],
  targets: 'real-server',
  defaultHost: 'rs2',
  find: ':',
  apply: 'ip link set tunl0 down',
  revert: () => 'ip link set tunl0 up',
  expect: named('tun-interface-down', 'real-server/tunnel', 'web'),
};
