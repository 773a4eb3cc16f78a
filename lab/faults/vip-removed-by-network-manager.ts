import { labFaults, named } from './fault.ts';
import { added, keepalivedEdited, together } from './means.ts';

/** Since 2.0 keepalived puts it back within milliseconds, unless the address says `no_track`: so it was with those before. */
export const faults = labFaults('vip-removed-by-network-manager', {
  title: 'Somebody takes the VIP from the master, which goes on being master without it',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director1',
  ...together(
    keepalivedEdited('s/192.168.122.100.32 dev eth0/& no_track/'),
    added(['ip address del 192.168.122.100/32 dev eth0'], [':']),
  ),
  expect: named('vip-removed-by-network-manager', 'ha/vip-holder'),
});
