import { labFaults, named } from './fault.ts';
import { kernelSettings } from './means.ts';

/** IPVS drops new connections before it makes an entry, as if memory had run out. */
export const faults = labFaults('drop-packet-defence', {
  title: 'A director drops every new connection in defence',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'director',
  ...kernelSettings({ 'net.ipv4.vs.am_droprate': 1, 'net.ipv4.vs.drop_packet': 3 }),
  expect: named('drop-packet-defence', 'director/overload-defences', { outcome: 'warn' }),
});
