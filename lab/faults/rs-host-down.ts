import { labFaults, namedByDirector, ofWeb } from './fault.ts';
import { added } from './means.ts';

/** Nobody answers ARP for it; SSH does not get there either. */
export const faults = labFaults('rs-host-down', {
  title: 'A real server is cut off from the network',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'real-server',
  pulled: true,
  ...added([':'], [':']),
  expect: namedByDirector('rs-host-down', 'director/real-server-reach', ofWeb),
});
