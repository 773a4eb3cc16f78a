import { labFaults } from './fault.ts';
import { keepalivedEdited, neighbourKept } from './means.ts';

/**
 * The router is deaf to the announcements of the new master, as behind a switch that limits them. Directors of VS/NAT
 * forward: the old master passes on what comes to it.
 */
export const faults = labFaults('garp-lost-after-failover', {
  title: 'The VIP moved to the other director, and the router still sends to the first',
  topologies: ['ha'],
  targets: 'director',
  defaultHost: 'director2',
  beside: neighbourKept('192.168.122.100', '192.168.122.10'),
  ...keepalivedEdited('s/priority 100/priority 200/'),
  // What the router believes shows in traffic alone: it is no host of the cluster file.
  expect: (host) => ({ exitCode: 1, diagnoses: [{ cause: 'garp-lost-after-failover', host }], verdicts: [] }),
});
