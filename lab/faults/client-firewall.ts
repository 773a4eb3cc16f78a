import { type LabFault, labFaults, named, ofWeb } from './fault.ts';
import { filterRule } from './packet-filter.ts';

const common = {
  topologies: ['nat', 'dr', 'dr-routed', 'tun'],
  targets: 'client',
  expect: named('client-firewall', 'client/firewall', { ...ofWeb, outcome: 'warn' }),
} as const satisfies Partial<LabFault>;

/** The client's own packet filter keeps from it what the cluster has, and other clients would be served. */
export const faults = labFaults(
  'client-firewall',
  {
    ...common,
    title: 'The packet filter of a client drops answers',
    ...filterRule('INPUT -p tcp --sport 80 -j DROP'),
  },
  {
    ...common,
    way: 'output',
    title: 'The packet filter of a client drops requests',
    ...filterRule('OUTPUT -p tcp --dport 80 -j DROP'),
  },
);
