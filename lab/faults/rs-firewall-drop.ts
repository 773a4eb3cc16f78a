import type { LabFault } from './fault.ts';
import { filterRule } from './means.ts';

/** A packet filter that lets nothing in on the port, and says nothing. */
export const fault: LabFault = {
  id: 'rs-firewall-drop',
  title: 'The packet filter of a real server drops requests',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'real-server',
  defaultHost: 'rs2',
  ...filterRule('INPUT -p tcp --dport 80 -j DROP'),
  expect: (host) => ({
    exitCode: 1,
    diagnoses: [{ cause: 'rs-firewall-drop', host }],
    verdicts: [{ check: 'real-server/firewall', subject: { host, service: 'web' }, outcome: 'fail' }],
  }),
};
