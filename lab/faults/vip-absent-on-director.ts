import { labFaults, named, ofWeb } from './fault.ts';
import { addressGone } from './means.ts';

/** Nobody answers ARP for the VIP; where a packet comes all the same, it is not for this host. */
export const faults = labFaults(
  'vip-absent-on-director',
  {
    title: 'A director does not have the VIP',
    topologies: ['nat', 'dr', 'dr-routed', 'tun'],
    targets: 'director',
    ...addressGone('192.168.122.100'),
    expect: named('vip-absent-on-director', 'director/vip', ofWeb),
  },
  {
    way: 'v6',
    title: 'A director does not have the VIP of IPv6',
    topologies: ['dr-v6'],
    targets: 'director',
    ...addressGone('fd00:122::100'),
    expect: named('vip-absent-on-director', 'director/vip', ofWeb),
  },
);
