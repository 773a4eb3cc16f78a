import { labFaults, named, ofWeb } from './fault.ts';
import { added } from './means.ts';

/** The kernel accepts what the program does not take: clients are connected, and nothing comes. */
export const faults = labFaults('rs-app-hang', {
  title: 'The web service of a real server hangs',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'real-server',
  ...added(['kill -STOP $(pidof nginx)'], ['kill -CONT $(pidof nginx)']),
  expect: named('rs-app-hang', 'real-server/web-service', ofWeb),
});
