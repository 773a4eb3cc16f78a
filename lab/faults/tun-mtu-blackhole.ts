import { labFaults, named, ofWeb, unnamed } from './fault.ts';
import { added, defaultRoute, together } from './means.ts';
import { filterRule } from './packet-filter.ts';

/** Nothing small fails: what a client sends at once only then exceeds the tunnel when it sends much. */
export const faults = labFaults(
  'tun-mtu-blackhole',
  {
    title: 'A real server announces segments that do not fit into the tunnel',
    topologies: ['tun'],
    targets: 'real-server',
    find: 'ip -4 route show default',
    apply: 'ip route replace $(ip -4 route show default | sed "s/ advmss [0-9]*//")',
    revert: defaultRoute().revert,
    expect: unnamed('real-server/tunnel-mtu', { ...ofWeb, outcome: 'warn' }),
  },
  {
    way: 'silent',
    title: 'A link to a real server takes less than it announces, and the director keeps it from the client',
    topologies: ['tun'],
    targets: 'real-server',
    madeOn: 'director',
    ...together(
      added(
        ['ip route add $address $(ip -o route get $address | sed "s/^[^ ]* //; s/ src .*//") mtu 1400'],
        ['ip route del $address'],
      ),
      filterRule('OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP'),
    ),
    expect: named('tun-mtu-blackhole', 'real-server/tunnel-mtu', { ...ofWeb, outcome: 'warn' }),
  },
);
