import { labFaults, ofWeb, unnamed } from './fault.ts';
import { filterRule } from './packet-filter.ts';

/** The rule never applies; while the real servers answer through the director nobody misses it. */
export const faults = labFaults('vs-conntrack-off-with-snat', {
  title: 'A director masquerades towards real servers, and IPVS is not tracked',
  topologies: ['nat'],
  targets: 'director',
  ...filterRule('-t nat POSTROUTING -d 10.10.10.0/24 -j MASQUERADE'),
  expect: unnamed('director/masquerade', { ...ofWeb, outcome: 'warn' }),
});
