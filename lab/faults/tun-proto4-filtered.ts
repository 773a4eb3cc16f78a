import { type LabFault, named } from './fault.ts';
import { filterRule } from './means.ts';

/** The packet filter of the real server knows TCP and UDP, and not IP in IP. */
export const fault: LabFault = {
  id: 'tun-proto4-filtered',
  title: 'The packet filter of a real server drops the tunnel',
  topologies: ['tun'],
  targets: 'real-server',
  defaultHost: 'rs2',
  ...filterRule('INPUT -p ipencap -j DROP'),
  expect: named('tun-proto4-filtered', 'real-server/firewall', 'web'),
};
