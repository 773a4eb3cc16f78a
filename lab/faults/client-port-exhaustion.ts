import { labFaults, named } from './fault.ts';
import { kernelSettings } from './means.ts';

/** A connection that has ended keeps its port for a minute. */
export const faults = labFaults('client-port-exhaustion', {
  title: 'A client has forty ports for its connections',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'client',
  ...kernelSettings({ 'net.ipv4.ip_local_port_range': '40000 40039' }),
  expect: named('client-port-exhaustion', 'client/ephemeral-ports'),
});
