import { labFaults, unnamed } from './fault.ts';
import { kernelSettings } from './means.ts';

/** A client that uses a port again gets the real server of before, and is served by it. */
export const faults = labFaults('conn-reuse-sticky', {
  title: 'A director keeps a port that is used again with its real server',
  topologies: ['nat', 'dr'],
  targets: 'director',
  ...kernelSettings({ 'net.ipv4.vs.conn_reuse_mode': 0 }),
  expect: unnamed('director/connection-reuse', { outcome: 'warn' }),
});
