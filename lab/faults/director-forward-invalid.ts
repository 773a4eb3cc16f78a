import { labFaults, named, ofWeb } from './fault.ts';
import { together } from './means.ts';
import { dropPolicy, filterRule } from './packet-filter.ts';

/** With net.ipv4.vs.conntrack=0 an answer is of no connection that connection tracking knows. */
export const faults = labFaults(
  'director-forward-invalid',
  {
    title: 'A director drops answers in FORWARD as INVALID',
    topologies: ['nat'],
    targets: 'director',
    ...filterRule('FORWARD -m conntrack --ctstate INVALID -j DROP'),
    expect: named('director-forward-invalid', 'director/firewall', ofWeb),
  },
  {
    way: 'established-only',
    title: 'A director forwards what is of established connections, and drops the rest',
    topologies: ['nat'],
    targets: 'director',
    ...together(dropPolicy('FORWARD'), filterRule('FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT')),
    expect: named('director-forward-invalid', 'director/firewall', ofWeb),
  },
);
