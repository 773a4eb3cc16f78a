import { labFaults, unnamed } from './fault.ts';
import { added } from './means.ts';

/** The next boot brings no rules. */
export const faults = labFaults('rules-not-persistent', {
  title: 'The rules of a director are in no file',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'director',
  ...added(['mv /etc/ipvsadm.rules /etc/ipvsadm.rules.found'], ['mv /etc/ipvsadm.rules.found /etc/ipvsadm.rules']),
  expect: unnamed('director/rules-persistence', { outcome: 'warn' }),
});
