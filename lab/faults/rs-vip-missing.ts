import { type LabFault, named } from './fault.ts';
import { addressGone } from './means.ts';

/** Packets of VS/DR come for an address that the real server does not have: IpInAddrErrors rises. */
export const fault: LabFault = {
  id: 'rs-vip-missing',
  title: 'A real server does not have the VIP',
  topologies: ['dr'],
  targets: 'real-server',
  defaultHost: 'rs2',
  ...addressGone('192.168.122.100'),
  expect: named('rs-vip-missing', 'real-server/vip', 'web'),
};
