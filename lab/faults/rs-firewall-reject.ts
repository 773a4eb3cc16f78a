import { type LabFault, named } from './fault.ts';
import { filterRule } from './means.ts';

/** As firewalld has it without the service: every SYN gets an ICMP error, host administratively prohibited. */
export const fault: LabFault = {
  id: 'rs-firewall-reject',
  title: 'The packet filter of a real server rejects requests',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'real-server',
  defaultHost: 'rs2',
  ...filterRule('INPUT -p tcp --dport 80 -j REJECT --reject-with icmp-host-prohibited'),
  expect: named('rs-firewall-reject', 'real-server/firewall', 'web'),
};
