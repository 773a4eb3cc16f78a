import { type LabFault, labFaults, named, ofWeb } from './fault.ts';
import { rulesEdited, rulesOfIpvs } from './means.ts';

const common = {
  targets: 'director',
  expect: named('service-rule-missing', 'virtual-service/rules', ofWeb),
} as const satisfies Partial<LabFault>;

/** The VIP is local and IPVS does not know it, so the director itself refuses with RST. */
export const faults = labFaults(
  'service-rule-missing',
  {
    ...common,
    title: 'A director has no rule of the service',
    topologies: ['nat', 'dr', 'dr-routed', 'tun', 'dr-v6'],
    ...rulesOfIpvs('ipvsadm -C'),
  },
  {
    ...common,
    way: 'other-port',
    title: 'A director has the service on another port',
    topologies: ['nat', 'dr', 'tun'],
    ...rulesEdited('s/:80 -s/:8080 -s/', 's/^(-a -t [^ ]*):80 /\\1:8080 /'),
  },
  {
    ...common,
    way: 'udp',
    title: 'A director has the service for UDP',
    topologies: ['nat', 'dr', 'tun'],
    ...rulesEdited('s/ -t / -u /'),
  },
);
