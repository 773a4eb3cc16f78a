import type { LabFault } from './fault.ts';
import { addressGone } from './means.ts';

/** Nobody answers ARP for the VIP; where a packet comes all the same, it is not for this host. */
export const fault: LabFault = {
  id: 'vip-absent-on-director',
  title: 'A director does not have the VIP',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'director',
  defaultHost: 'director1',
  ...addressGone('192.168.122.100'),
  expect: (host) => ({
    exitCode: 1,
    diagnoses: [{ cause: 'vip-absent-on-director', host }],
    verdicts: [{ check: 'director/vip', subject: { host, service: 'web' }, outcome: 'fail' }],
  }),
};
