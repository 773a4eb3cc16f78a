import { type LabFault, labFaults, named, ofWeb } from './fault.ts';
import { filterRule } from './packet-filter.ts';

const common = {
  topologies: ['dr', 'dr-routed', 'tun'],
  targets: 'real-server',
  expect: named('rs-egress-drop', 'real-server/firewall', ofWeb),
} as const satisfies Partial<LabFault>;

/** The real server answers, and its own packet filter keeps what has the VIP as its source from leaving. */
export const faults = labFaults(
  'rs-egress-drop',
  {
    ...common,
    title: 'The packet filter of a real server drops answers from the VIP',
    ...filterRule('OUTPUT -s 192.168.122.100 -j DROP'),
  },
  {
    ...common,
    way: 'postrouting',
    title: 'A real server drops answers from the VIP in POSTROUTING of the table mangle',
    ...filterRule('-t mangle POSTROUTING -s 192.168.122.100 -j DROP'),
  },
  {
    ...common,
    way: 'raw',
    title: 'A real server drops answers from the VIP in OUTPUT of the table raw',
    ...filterRule('-t raw OUTPUT -s 192.168.122.100 -j DROP'),
  },
);
