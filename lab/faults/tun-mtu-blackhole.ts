import { labFaults, ofWeb, unnamed } from './fault.ts';
import { defaultRoute } from './means.ts';

/** Nothing small fails: what a client sends at once only then exceeds the tunnel when it sends much. */
export const faults = labFaults('tun-mtu-blackhole', {
  title: 'A real server announces segments that do not fit into the tunnel',
  topologies: ['tun'],
  targets: 'real-server',
  find: 'ip -4 route show default',
  apply: 'ip route replace $(ip -4 route show default | sed "s/ advmss [0-9]*//")',
  revert: defaultRoute().revert,
  expect: unnamed('real-server/tunnel-mtu', { ...ofWeb, outcome: 'warn' }),
});
