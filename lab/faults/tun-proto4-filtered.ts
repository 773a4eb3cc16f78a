import { type LabFault, labFaults, named, ofWeb } from './fault.ts';
import { together } from './means.ts';
import { dropPolicy, filterChain, filterRule, needed } from './packet-filter.ts';

const common = {
  topologies: ['tun'],
  targets: 'real-server',
  expect: named('tun-proto4-filtered', 'real-server/firewall', ofWeb),
} as const satisfies Partial<LabFault>;

/** The packet filter of the real server knows TCP and UDP, and not IP in IP. */
export const faults = labFaults(
  'tun-proto4-filtered',
  {
    ...common,
    title: 'The packet filter of a real server drops the tunnel',
    ...filterRule('INPUT -p ipencap -j DROP'),
  },
  {
    ...common,
    way: 'policy',
    title: 'A real server lets in SSH and the web, and drops the rest by the policy of INPUT',
    ...together(dropPolicy('INPUT'), filterChain('INPUT', [...needed, '-p tcp --dport 80 -j ACCEPT'])),
  },
  {
    ...common,
    way: 'reject',
    title: 'The packet filter of a real server rejects the tunnel',
    ...filterRule('INPUT -p ipencap -j REJECT --reject-with icmp-host-prohibited'),
  },
);
