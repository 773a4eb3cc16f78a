import type { LabFault } from './fault.ts';
import { filterRule } from './means.ts';

/** Answers of real servers are packets for somebody else, so they pass FORWARD, before IPVS gives them the VIP back. */
export const fault: LabFault = {
  id: 'director-forward-drop',
  title: 'The packet filter of a director drops answers in FORWARD',
  topologies: ['nat'],
  targets: 'director',
  defaultHost: 'director1',
  ...filterRule('FORWARD -p tcp --sport 80 -j DROP'),
  expect: (host) => ({
    exitCode: 1,
    diagnoses: [{ cause: 'director-forward-drop', host }],
    verdicts: [{ check: 'director/firewall', subject: { host, service: 'web' }, outcome: 'fail' }],
  }),
};
