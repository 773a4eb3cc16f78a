import { type LabFault, labFaults, namedByDirector, ofWeb } from './fault.ts';
import { rulesEdited } from './means.ts';

const common = {
  targets: 'real-server',
  madeOn: 'director',
  expect: namedByDirector('forwarding-method-mismatch', 'virtual-service/rules', ofWeb),
} as const satisfies Partial<LabFault>;

/** Only a tunnel has a type. */
const untyped = '/-r $address:/ s/ --tun-type [a-z]+//';

/** The rules forward otherwise than the real server was set up for. */
export const faults = labFaults(
  'forwarding-method-mismatch',
  {
    ...common,
    title: 'The rules forward by DR to a real server that was set up for NAT',
    topologies: ['nat'],
    ...rulesEdited('/-r $address:/ s/ -m / -g /'),
  },
  {
    ...common,
    way: 'nat',
    title: 'The rules forward by NAT to a real server that was set up for DR or TUN',
    topologies: ['dr', 'dr-routed', 'tun'],
    ...rulesEdited(untyped, '/-r $address:/ s/ -[gi] / -m /'),
  },
  {
    ...common,
    way: 'tun',
    title: 'The rules forward by TUN to a real server that was set up for DR or NAT',
    topologies: ['nat', 'dr'],
    ...rulesEdited('/-r $address:/ s/ -[gm] / -i /'),
  },
  {
    ...common,
    way: 'dr',
    title: 'The rules forward by DR to a real server behind a router',
    topologies: ['tun'],
    ...rulesEdited(untyped, '/-r $address:/ s/ -i / -g /'),
  },
);
