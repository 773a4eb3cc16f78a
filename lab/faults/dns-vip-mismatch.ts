import { labFaults, unnamed } from './fault.ts';
import { fileChanged } from './means.ts';

/** Load goes to the VIP by its address. */
export const faults = labFaults('dns-vip-mismatch', {
  title: 'A real server resolves the name of the service to another address',
  topologies: ['nat', 'dr'],
  targets: 'real-server',
  ...fileChanged('/etc/hosts', "echo '192.168.122.99 www.example.com' >> /etc/hosts"),
  expect: unnamed('network/name-resolution', { outcome: 'warn' }),
});
