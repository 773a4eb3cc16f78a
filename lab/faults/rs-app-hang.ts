import { labFaults, named, ofWeb } from './fault.ts';
import { added, webServer } from './means.ts';

/** The kernel accepts what the program does not take: clients are connected, and nothing comes, or an error does. */
export const faults = labFaults(
  'rs-app-hang',
  {
    title: 'The web service of a real server hangs',
    topologies: ['nat', 'dr', 'tun'],
    targets: 'real-server',
    ...added(['kill -STOP $(pidof nginx)'], ['kill -CONT $(pidof nginx)']),
    expect: named('rs-app-hang', 'real-server/web-service', ofWeb),
  },
  {
    way: 'error',
    title: 'The web service of a real server answers with an error',
    topologies: ['nat', 'dr', 'tun'],
    targets: 'real-server',
    ...webServer('s/return 200/return 503/'),
    expect: named('rs-app-hang', 'real-server/web-service', ofWeb),
  },
);
