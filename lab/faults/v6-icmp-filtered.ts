import { labFaults, ofWeb, unnamed } from './fault.ts';
import { filterRule } from './packet-filter.ts';

/** Only large answers by a narrow way need it: with IPv6 no router cuts a packet in pieces. */
export const faults = labFaults('v6-icmp-filtered', {
  title: 'A director drops "packet too big"',
  topologies: ['dr-v6'],
  targets: 'director',
  ...filterRule('INPUT -p ipv6-icmp --icmpv6-type packet-too-big -j DROP', 'ip6tables-legacy'),
  expect: unnamed('director/icmp-filter', { ...ofWeb, outcome: 'warn' }),
});
