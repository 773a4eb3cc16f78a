import { labFaults, named, ofWeb } from './fault.ts';
import { filterRule } from './packet-filter.ts';

/** As firewalld has it without the service: every SYN gets an ICMP error, host administratively prohibited. */
export const faults = labFaults(
  'rs-firewall-reject',
  ...[
    ['icmp-host-prohibited', 'The packet filter of a real server rejects requests'] as const,
    ['icmp-port-unreachable', 'A real server rejects requests as if nothing listened'] as const,
    ['tcp-reset', 'A real server rejects requests with RST'] as const,
  ].map(([kind, title], index) => ({
    ...(index === 0 ? {} : { way: kind }),
    title,
    topologies: ['nat', 'dr', 'tun'],
    targets: 'real-server' as const,
    ...filterRule(`INPUT -p tcp --dport 80 -j REJECT --reject-with ${kind}`),
    expect: named('rs-firewall-reject', 'real-server/firewall', ofWeb),
  })),
);
