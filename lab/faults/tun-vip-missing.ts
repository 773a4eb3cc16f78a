import type { LabFault } from './fault.ts';
import { addressGone } from './means.ts';

/** What comes out of the tunnel is for an address that the real server does not have. */
export const fault: LabFault = {
  id: 'tun-vip-missing',
  title: 'A real server of VS/TUN does not have the VIP',
  topologies: ['tun'],
  targets: 'real-server',
  defaultHost: 'rs2',
  ...addressGone('192.168.122.100'),
  expect: (host) => ({
    exitCode: 1,
    diagnoses: [{ cause: 'tun-vip-missing', host }],
    verdicts: [{ check: 'real-server/vip', subject: { host, service: 'web' }, outcome: 'fail' }],
  }),
};
