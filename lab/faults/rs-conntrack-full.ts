import { labFaults, named } from './fault.ts';
import { conntrackFull } from './packet-filter.ts';

/** A SYN that finds no room is dropped, and the client tries again in vain. */
export const faults = labFaults('rs-conntrack-full', {
  title: 'A real server has no room to track connections',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'real-server',
  ...conntrackFull(50),
  expect: named('rs-conntrack-full', 'network/conntrack-table', { outcome: 'warn' }),
});
