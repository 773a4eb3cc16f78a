import type { LabFault } from './fault.ts';
import { filterRule } from './means.ts';

/** What IPVS sends to real servers leaves by LOCAL_OUT, and OUTPUT sees it. */
export const fault: LabFault = {
  id: 'director-output-drop',
  title: 'The packet filter of a director drops requests in OUTPUT',
  topologies: ['nat'],
  targets: 'director',
  defaultHost: 'director1',
  ...filterRule('OUTPUT -o eth1 -p tcp --dport 80 -j DROP'),
  expect: (host) => ({
    exitCode: 1,
    diagnoses: [{ cause: 'director-output-drop', host }],
    verdicts: [{ check: 'director/firewall', subject: { host, service: 'web' }, outcome: 'fail' }],
  }),
};
