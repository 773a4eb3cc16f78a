import { labFaults, named } from './fault.ts';
import { rulesOfIpvs } from './means.ts';

const rules = rulesOfIpvs('ipvsadm -C');
const forbidden = '/etc/modprobe.d/ipvet-lab.conf';

/** As where a small kernel leaves it out: nothing knows what a virtual service is. */
export const faults = labFaults('ip-vs-module-missing', {
  title: 'A director has no IPVS',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'director',
  find: rules.find,
  apply: [
    rules.apply,
    "modprobe -r $(lsmod | sed -n 's/^\\(ip_vs_[a-z]*\\) .*/\\1/p') ip_vs",
    `echo 'install ip_vs /bin/false' > ${forbidden}`,
  ].join(' && '),
  revert: (found) => `rm -f ${forbidden} && modprobe ip_vs && ${rules.revert(found)}`,
  expect: named('ip-vs-module-missing', 'director/ip-vs-module'),
});
