import { labFaults, unnamed } from './fault.ts';
import { added } from './means.ts';

const fromDirectors = '-m iprange --src-range 192.168.122.9-192.168.122.10 -p tcp --dport 80 -j DROP';

/** It serves clients, whose address is another, and is taken out all the same. */
export const faults = labFaults('healthcheck-false-negative', {
  title: 'A real server drops the health checks of the directors',
  topologies: ['ha'],
  targets: 'real-server',
  ...added([`iptables -A INPUT ${fromDirectors}`, 'sleep 8'], [`iptables -D INPUT ${fromDirectors}`, 'sleep 5']),
  expect: unnamed('director/real-server-reach', { on: 'director1', service: 'web' }),
});
