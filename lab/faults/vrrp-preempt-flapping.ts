import { labFaults, namedIfFelt } from './fault.ts';
import { added, keepalivedEdited, together } from './means.ts';

/** The VIP goes to and fro. */
export const faults = labFaults('vrrp-preempt-flapping', {
  title: 'The master tracks a script that fails every few seconds',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director1',
  ...together(
    keepalivedEdited(
      '1i vrrp_script now_and_then {\\nscript "/bin/sh -c \\x27test $(( $(date +%s) / 4 % 2 )) = 0\\x27"\\ninterval 1\\nfall 1\\nrise 1\\n}',
      '0,/virtual_router_id/s//track_script {\\nnow_and_then\\n}\\n&/',
    ),
    // Three changes each 8 s, and more than twenty in all.
    added(['sleep 60'], [':']),
  ),
  expect: namedIfFelt('vrrp-preempt-flapping', 'ha/transitions'),
});
