import { labFaults, namedIfFelt } from './fault.ts';
import { added } from './means.ts';

/** Both have the VIP, and the last to announce it gets the packets. */
export const faults = labFaults('vrrp-split-brain', {
  title: 'The standby hears no adverts, and is master too',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director2',
  ...added(['iptables -A INPUT -p 112 -j DROP', 'sleep 6'], ['iptables -D INPUT -p 112 -j DROP', 'sleep 6']),
  expect: namedIfFelt('vrrp-split-brain', 'ha/vip-holder', { on: 'director1' }),
});
