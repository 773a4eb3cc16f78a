import { labFaults, named } from './fault.ts';
import { added, together } from './means.ts';
import { conntrackFull } from './packet-filter.ts';

/** Connections of IPVS are tracked, and none is let in once there is no room for another. */
export const faults = labFaults('director-conntrack-full', {
  title: 'A director has no room to track connections',
  topologies: ['nat'],
  targets: 'director',
  ...together(
    added(['sysctl -qw net.ipv4.vs.conntrack=1'], ['sysctl -qw net.ipv4.vs.conntrack=0']),
    conntrackFull(100),
  ),
  expect: named('director-conntrack-full', 'network/conntrack-table', { outcome: 'warn' }),
});
