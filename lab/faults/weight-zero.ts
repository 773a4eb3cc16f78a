import { type LabFault, named } from './fault.ts';
import { rulesOfIpvs } from './means.ts';

/** Every destination is quiesced: new connections are refused by ICMP, and count nowhere. */
export const fault: LabFault = {
  id: 'weight-zero',
  title: 'All real servers have weight 0',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'director',
  defaultHost: 'director1',
  ...rulesOfIpvs(
    "rules=$(ipvsadm -Sn | sed -E '/^-a/ s/ -w [0-9]+/ -w 0/'); ipvsadm -C; printf '%s\\n' \"$rules\" | ipvsadm -R",
  ),
  expect: named('weight-zero', 'virtual-service/weights', 'web'),
};
