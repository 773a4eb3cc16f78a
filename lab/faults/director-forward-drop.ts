import { labFaults, named, ofWeb } from './fault.ts';
import { dropPolicy, filterRule } from './packet-filter.ts';

/** Answers of real servers are packets for somebody else, so they pass FORWARD, before IPVS gives them the VIP back. */
export const faults = labFaults(
  'director-forward-drop',
  {
    title: 'The packet filter of a director drops answers in FORWARD',
    topologies: ['nat'],
    targets: 'director',
    ...filterRule('FORWARD -p tcp --sport 80 -j DROP'),
    expect: named('director-forward-drop', 'director/firewall', ofWeb),
  },
  {
    way: 'policy',
    title: 'The policy of FORWARD on a director is to drop, as Docker sets it',
    topologies: ['nat'],
    targets: 'director',
    ...dropPolicy('FORWARD'),
    expect: named('director-forward-drop', 'director/firewall', ofWeb),
  },
  {
    way: 'mangle',
    title: 'A director drops answers in FORWARD of the table mangle',
    topologies: ['nat'],
    targets: 'director',
    ...filterRule('-t mangle FORWARD -p tcp --sport 80 -j DROP'),
    expect: named('director-forward-drop', 'director/firewall', ofWeb),
  },
);
