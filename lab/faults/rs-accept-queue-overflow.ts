import { labFaults, ofWeb, unnamed } from './fault.ts';
import { webServer } from './means.ts';

/** A program that keeps up has nobody waiting, however few may. */
export const faults = labFaults('rs-accept-queue-overflow', {
  title: 'The web service of a real server lets eight connections wait',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'real-server',
  ...webServer('s/backlog=4096/backlog=8/'),
  expect: unnamed('real-server/accept-queue', { ...ofWeb, outcome: 'warn' }),
});
