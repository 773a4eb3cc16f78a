import { labFaults, named, ofWeb } from './fault.ts';
import { filterRule } from './packet-filter.ts';

/** What IPVS sends to real servers leaves by LOCAL_OUT: OUTPUT sees it, and POSTROUTING. */
export const faults = labFaults(
  'director-output-drop',
  {
    title: 'The packet filter of a director drops requests in OUTPUT',
    topologies: ['nat', 'dr'],
    targets: 'director',
    ...filterRule('OUTPUT -p tcp --dport 80 -j DROP'),
    expect: named('director-output-drop', 'director/firewall', ofWeb),
  },
  {
    way: 'tunnel',
    title: 'The packet filter of a director drops its tunnels in OUTPUT',
    topologies: ['tun'],
    targets: 'director',
    ...filterRule('OUTPUT -p ipencap -j DROP'),
    expect: named('director-output-drop', 'director/firewall', ofWeb),
  },
  {
    way: 'postrouting',
    title: 'A director drops requests in POSTROUTING of the table mangle',
    topologies: ['nat', 'dr'],
    targets: 'director',
    ...filterRule('-t mangle POSTROUTING -p tcp --dport 80 -j DROP'),
    expect: named('director-output-drop', 'director/firewall', ofWeb),
  },
  {
    way: 'reject',
    title: 'The packet filter of a director rejects requests in OUTPUT',
    topologies: ['nat', 'dr'],
    targets: 'director',
    ...filterRule('OUTPUT -p tcp --dport 80 -j REJECT --reject-with icmp-admin-prohibited'),
    expect: named('director-output-drop', 'director/firewall', ofWeb),
  },
);
