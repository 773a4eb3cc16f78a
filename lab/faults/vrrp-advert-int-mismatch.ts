import { labFaults, namedIfFelt } from './fault.ts';
import { keepalivedEdited } from './means.ts';

/** VRRP version 2 throws away adverts of another interval. */
export const faults = labFaults('vrrp-advert-int-mismatch', {
  title: 'The standby expects adverts less often than they are sent',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director2',
  ...keepalivedEdited('s/advert_int 1/advert_int 3/'),
  expect: namedIfFelt('vrrp-advert-int-mismatch', 'ha/advert-interval', { on: 'director1', blamed: 'director1' }),
});
