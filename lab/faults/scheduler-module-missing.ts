import { labFaults, named, ofWeb } from './fault.ts';
import { rulesOfIpvs } from './means.ts';

const rules = rulesOfIpvs('ipvsadm -C');
const forbidden = '/etc/modprobe.d/ipvet-lab.conf';

/** Whoever adds the service is told that there is no such scheduler, and it is not there. */
export const faults = labFaults('scheduler-module-missing', {
  title: 'A director cannot load the scheduler of a service',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'director',
  find: rules.find,
  apply: [rules.apply, 'modprobe -r ip_vs_rr', `echo 'install ip_vs_rr /bin/false' > ${forbidden}`].join(' && '),
  revert: (found) => `rm -f ${forbidden} && ${rules.revert(found)}`,
  expect: named('scheduler-module-missing', 'director/scheduler', ofWeb),
});
