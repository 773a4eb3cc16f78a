import { labFaults, ofWeb, unnamed } from './fault.ts';
import { kernelSettings } from './means.ts';

/** Handshakes of a segment are over before there are many. */
export const faults = labFaults('rs-syn-backlog-overflow', {
  title: 'A real server has room for few half-open connections, and makes no SYN cookies',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'real-server',
  ...kernelSettings({ 'net.ipv4.tcp_syncookies': 0, 'net.ipv4.tcp_max_syn_backlog': 16 }),
  expect: unnamed('real-server/syn-backlog', { ...ofWeb, outcome: 'warn' }),
});
