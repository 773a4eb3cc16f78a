import { labFaults, namedIfFelt } from './fault.ts';
import { keepalivedEdited } from './means.ts';

/** The VIP goes to and fro. */
export const faults = labFaults('vrrp-preempt-flapping', {
  title: 'The master tracks a script that fails every few seconds',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director1',
  ...keepalivedEdited(
    '1i vrrp_script now_and_then {\\nscript "/bin/sh -c \\x27test $(( $(date +%s) / 4 % 2 )) = 0\\x27"\\ninterval 1\\nfall 1\\nrise 1\\n}',
    '0,/virtual_router_id/s//track_script {\\nnow_and_then\\n}\\n&/',
  ),
  expect: namedIfFelt('vrrp-preempt-flapping', 'ha/transitions'),
});
