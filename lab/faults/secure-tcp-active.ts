import { labFaults, unnamed } from './fault.ts';
import { kernelSettings } from './means.ts';

/** Half-open entries are SYNACK in place of SYN_RECV, and clients see nothing of it. */
export const faults = labFaults('secure-tcp-active', {
  title: 'A director follows TCP by the states of its defence',
  topologies: ['nat', 'dr'],
  targets: 'director',
  ...kernelSettings({ 'net.ipv4.vs.secure_tcp': 3 }),
  expect: unnamed('director/overload-defences', { outcome: 'warn' }),
});
