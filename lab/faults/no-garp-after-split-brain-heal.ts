import { labFaults } from './fault.ts';
import { added, neighbourKept } from './means.ts';

/**
 * For six seconds it heard no advert, and announced itself; the master, which was master all the time, has not since. On
 * VS/NAT, where directors forward, it passes on what comes to it.
 */
export const faults = labFaults('no-garp-after-split-brain-heal', {
  title: 'The standby was master for a moment, and the router still sends to it',
  topologies: ['ha'],
  targets: 'director',
  defaultHost: 'director2',
  beside: neighbourKept('192.168.122.100', '192.168.122.9'),
  ...added(['iptables -A INPUT -p 112 -j DROP', 'sleep 6', 'iptables -D INPUT -p 112 -j DROP', 'sleep 4'], [':']),
  expect: () => ({
    exitCode: 1,
    diagnoses: [{ cause: 'no-garp-after-split-brain-heal', host: 'director1' }],
    verdicts: [],
  }),
});
