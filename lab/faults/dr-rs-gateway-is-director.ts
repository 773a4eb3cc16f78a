import { labFaults, named, ofWeb } from './fault.ts';
import { ruledRoute } from './means.ts';

/** The director drops what comes from its own VIP. */
export const faults = labFaults('dr-rs-gateway-is-director', {
  title: 'A real server sends what it answers from the VIP through the director',
  topologies: ['dr', 'dr-routed'],
  targets: 'real-server',
  ...ruledRoute('from 192.168.122.100', 'default via 192.168.122.10'),
  expect: named('dr-rs-gateway-is-director', 'real-server/vip-reply-gateway', ofWeb),
});
