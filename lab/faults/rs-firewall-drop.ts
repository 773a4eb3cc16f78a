import { type LabFault, named } from './fault.ts';
import { filterRule } from './means.ts';

/** A packet filter that lets nothing in on the port, and says nothing. */
export const fault: LabFault = {
  id: 'rs-firewall-drop',
  title: 'The packet filter of a real server drops requests',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'real-server',
  defaultHost: 'rs2',
  ...filterRule('INPUT -p tcp --dport 80 -j DROP'),
  expect: named('rs-firewall-drop', 'real-server/firewall', 'web'),
};
