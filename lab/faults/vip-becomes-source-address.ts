import { labFaults, named, ofWeb, unnamed } from './fault.ts';
import { route } from './means.ts';

/** What the director sends on its own has the VIP as its source, which real servers of VS/DR and VS/TUN have too and take for forged. */
export const faults = labFaults(
  'vip-becomes-source-address',
  {
    title: 'A director tunnels from the VIP',
    topologies: ['tun'],
    targets: 'director',
    ...route('10.20.0.0/16 via 192.168.122.254 src 192.168.122.100'),
    expect: named('vip-becomes-source-address', 'director/source-address', ofWeb),
  },
  {
    way: 'health-checks',
    title: 'A director asks a real server whether it is well from the VIP',
    topologies: ['dr'],
    targets: 'real-server',
    madeOn: 'director',
    ...route('$address/32 dev eth0 src 192.168.122.100'),
    expect: unnamed('director/source-address', { ...ofWeb, on: 'director1' }),
  },
);
