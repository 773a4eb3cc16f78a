import { labFaults, unnamed } from './fault.ts';
import { kernelSettings } from './means.ts';

/** Short connections are never copied, and are reset by a failover. */
export const faults = labFaults('sync-threshold-gap', {
  title: 'The master copies a connection with its tenth packet only',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  ...kernelSettings({ 'net.ipv4.vs.sync_threshold': '10 50' }),
  // The other director has another value, which fails besides.
  expect: (host, topology) => {
    const late = unnamed('ha/sync-threshold', { outcome: 'warn' })(host, topology);
    const unlike = unnamed('ha/standby-kernel')(host, topology);
    return { ...unlike, verdicts: [...late.verdicts, ...unlike.verdicts] };
  },
});
