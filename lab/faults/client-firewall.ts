import { type LabFault, labFaults } from './fault.ts';
import { filterRule } from './packet-filter.ts';

const common = {
  topologies: ['nat', 'dr', 'dr-routed', 'tun'],
  targets: 'client',
  expect: (host) => ({ exitCode: 1, diagnoses: [{ cause: 'client-firewall', host }], verdicts: [] }),
} as const satisfies Partial<LabFault>;

/** Seen by what the client's kernel counts: this machine, where the client is, need not have a tool that lists the rules. The client's own packet filter keeps from it what the cluster has, and other clients would be served. */
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
