import { labFaults, named, ofWeb } from './fault.ts';
import { added } from './means.ts';

/** As after the director was changed for another machine: the client goes on sending to the MAC of before. */
export const faults = labFaults(
  'stale-arp-at-client-or-router',
  {
    title: 'A client has the MAC of the VIP wrong, for ever',
    topologies: ['nat', 'dr'],
    targets: 'client',
    ...added(
      ['ip neigh replace 192.168.122.100 lladdr 02:00:00:00:00:99 nud permanent dev eth0'],
      ['ip neigh del 192.168.122.100 dev eth0'],
    ),
    expect: named('stale-arp-at-client-or-router', 'network/vip-neighbour'),
  },
  {
    way: 'gateway',
    title: 'A real server has the MAC of its gateway, which moves with the VIP, wrong for ever',
    topologies: ['ha-nat'],
    targets: 'real-server',
    ...added(
      [
        'hop=$(ip -o route show default | sed "s/.* via //; s/ .*//")',
        'ip neigh replace $hop lladdr 02:00:00:00:00:99 nud permanent dev eth0',
      ],
      ['hop=$(ip -o route show default | sed "s/.* via //; s/ .*//")', 'ip neigh del $hop dev eth0'],
    ),
    expect: named('stale-arp-at-client-or-router', 'real-server/next-hop-neighbour', ofWeb),
  },
);
