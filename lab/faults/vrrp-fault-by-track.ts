import { labFaults, unnamed } from './fault.ts';
import { keepalivedEdited } from './means.ts';

/** It is in state FAULT, and takes nothing over. */
export const faults = labFaults('vrrp-fault-by-track', {
  title: 'The standby tracks a script that always fails',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director2',
  ...keepalivedEdited(
    '1i vrrp_script always {\\nscript /bin/false\\ninterval 1\\n}',
    '0,/virtual_router_id/s//track_script {\\nalways\\n}\\n&/',
  ),
  expect: unnamed('ha/transitions'),
});
