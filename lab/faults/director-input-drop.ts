import { type LabFault, named } from './fault.ts';
import { filterRule } from './means.ts';

/** INPUT comes before IPVS: no entry is ever made. */
export const fault: LabFault = {
  id: 'director-input-drop',
  title: 'The packet filter of a director drops requests in INPUT',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'director',
  defaultHost: 'director1',
  ...filterRule('INPUT -d 192.168.122.100 -p tcp --dport 80 -j DROP'),
  expect: named('director-input-drop', 'director/firewall', 'web'),
};
