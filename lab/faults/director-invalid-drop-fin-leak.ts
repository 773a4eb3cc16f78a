import { labFaults, ofWeb, unnamed } from './fault.ts';
import { filterRule } from './packet-filter.ts';

/** Requests are answered; the FIN of a client looks INVALID and is lost, so entries stay ESTABLISHED for 15 minutes. */
export const faults = labFaults('director-invalid-drop-fin-leak', {
  title: 'A director drops INVALID packets before it lets the service in',
  topologies: ['dr', 'tun'],
  targets: 'director',
  ...filterRule('INPUT -d 192.168.122.100 -p tcp --dport 80 -m conntrack --ctstate INVALID -j DROP'),
  expect: unnamed('director/firewall', { ...ofWeb, outcome: 'warn' }),
});
