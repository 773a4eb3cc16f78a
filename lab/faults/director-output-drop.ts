import { type LabFault, named } from './fault.ts';
import { filterRule } from './means.ts';

/** What IPVS sends to real servers leaves by LOCAL_OUT, and OUTPUT sees it. */
export const fault: LabFault = {
  id: 'director-output-drop',
  title: 'The packet filter of a director drops requests in OUTPUT',
  topologies: ['nat'],
  targets: 'director',
  defaultHost: 'director1',
  ...filterRule('OUTPUT -o eth1 -p tcp --dport 80 -j DROP'),
  expect: named('director-output-drop', 'director/firewall', 'web'),
};
