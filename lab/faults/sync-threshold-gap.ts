import { labFaults, unnamed } from './fault.ts';
import { kernelSettings } from './means.ts';

/** Short connections are never copied, and are reset by a failover. The other director has another value, which fails besides. */
export const faults = labFaults('sync-threshold-gap', {
  title: 'The master copies a connection with its tenth packet only',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  ...kernelSettings({ 'net.ipv4.vs.sync_threshold': '10 50' }),
  expect: unnamed('ha/sync-threshold', { outcome: 'warn' }),
});
