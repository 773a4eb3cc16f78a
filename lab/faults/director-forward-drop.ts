import { type LabFault, named } from './fault.ts';
import { filterRule } from './means.ts';

/** Answers of real servers are packets for somebody else, so they pass FORWARD, before IPVS gives them the VIP back. */
export const fault: LabFault = {
  id: 'director-forward-drop',
  title: 'The packet filter of a director drops answers in FORWARD',
  topologies: ['nat'],
  targets: 'director',
  defaultHost: 'director1',
  ...filterRule('FORWARD -p tcp --sport 80 -j DROP'),
  expect: named('director-forward-drop', 'director/firewall', 'web'),
};
