import { labFaults, namedByDirector, ofWeb } from './fault.ts';
import { route } from './means.ts';

/** A router gets what was meant for the real server, sees the VIP, and sends it back to the director. */
export const faults = labFaults('dr-rip-not-on-link', {
  title: 'A director reaches a real server of VS/DR through a router',
  topologies: ['dr', 'dr-routed'],
  targets: 'real-server',
  madeOn: 'director',
  ...route('$address via 192.168.122.254'),
  expect: namedByDirector('dr-rip-not-on-link', 'director/real-server-segment', ofWeb),
});
