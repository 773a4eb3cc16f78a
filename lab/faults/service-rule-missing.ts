import { type LabFault, named } from './fault.ts';
import { rulesOfIpvs } from './means.ts';

/** The VIP is local and IPVS does not know it, so the director itself refuses with RST. */
export const fault: LabFault = {
  id: 'service-rule-missing',
  title: 'A director has no rule of the service',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'director',
  defaultHost: 'director1',
  ...rulesOfIpvs('ipvsadm -C'),
  expect: named('service-rule-missing', 'virtual-service/rules', 'web'),
};
