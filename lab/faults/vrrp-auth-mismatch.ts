import { labFaults, namedIfFelt } from './fault.ts';
import { keepalivedEdited } from './means.ts';

/** Both are master: each throws the adverts of the other away. */
export const faults = labFaults('vrrp-auth-mismatch', {
  title: 'One director authenticates its adverts, and the other takes no such thing',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director2',
  ...keepalivedEdited('/virtual_router_id/a authentication {\\nauth_type PASS\\nauth_pass lab-only\\n}'),
  expect: namedIfFelt('vrrp-auth-mismatch', 'ha/authentication', { on: 'director1', blamed: 'director1' }),
});
