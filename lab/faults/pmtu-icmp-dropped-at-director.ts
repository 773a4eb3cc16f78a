import { labFaults, ofWeb, unnamed } from './fault.ts';
import { filterRule } from './packet-filter.ts';

/** Only large answers by a narrow way need the ICMP error that is dropped. */
export const faults = labFaults('pmtu-icmp-dropped-at-director', {
  title: 'A director drops the ICMP errors that are for real servers',
  topologies: ['dr', 'tun'],
  targets: 'director',
  ...filterRule('INPUT -d 192.168.122.100 -p icmp -j DROP'),
  expect: unnamed('director/icmp-filter', { ...ofWeb, outcome: 'warn' }),
});
