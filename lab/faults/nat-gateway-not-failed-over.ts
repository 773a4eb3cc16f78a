import { labFaults, unnamed } from './fault.ts';
import { defaultRoute } from './means.ts';

/** It answers by way of one director, whichever has the VIP. */
export const faults = labFaults('nat-gateway-not-failed-over', {
  title: 'A real server has the first director itself as its gateway',
  topologies: ['ha-nat'],
  targets: 'real-server',
  ...defaultRoute('default via 10.10.10.2'),
  expect: unnamed('ha/gateway', { on: 'director1' }),
});
