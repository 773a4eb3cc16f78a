import { labFaults, unnamed } from './fault.ts';
import { kernelSettings } from './means.ts';

/** Only handshakes that take long suffer from it. */
export const faults = labFaults('drop-entry-defence', {
  title: 'A director drops half-open connections before their time',
  topologies: ['nat', 'dr'],
  targets: 'director',
  ...kernelSettings({ 'net.ipv4.vs.drop_entry': 3 }),
  expect: unnamed('director/overload-defences', { outcome: 'warn' }),
});
