import { labFaults, named } from './fault.ts';
import { added, kernelSettings, together } from './means.ts';

/** Answers come in where the way back to real servers does not lead, and a strict filter takes them for forged. */
export const faults = labFaults('director-rp-filter', {
  title: 'A director filters strictly by reverse path where answers come in, and reaches real servers elsewhere',
  topologies: ['nat'],
  targets: 'director',
  ...together(
    added(
      [
        'ip route add 10.10.10.0/24 dev eth0 table 99',
        'ip rule add pref 100 from 192.168.122.0/24 to 10.10.10.0/24 lookup 99',
      ],
      ['ip rule del pref 100', 'ip route flush table 99'],
    ),
    kernelSettings({ 'net.ipv4.conf.eth1.rp_filter': 1 }),
  ),
  expect: named('director-rp-filter', 'director/reverse-path-filter'),
});
