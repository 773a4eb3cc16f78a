import { labFaults, unnamed } from './fault.ts';
import { added } from './means.ts';

/** Its table stands still. */
export const faults = labFaults('sync-transport-blocked', {
  title: 'The standby drops the copies of connections that it is sent',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director2',
  ...added(['iptables -A INPUT -p udp --dport 8848 -j DROP'], ['iptables -D INPUT -p udp --dport 8848 -j DROP']),
  expect: unnamed('ha/sync-path', { outcome: 'warn' }),
});
