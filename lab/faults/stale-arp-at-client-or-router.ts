import { labFaults, named, ofWeb } from './fault.ts';
import { added, together } from './means.ts';

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
    ...together(
      // The way of those who look after it, past the directors.
      added(
        ['ip route add default via 10.10.10.4 table 98', 'ip rule add pref 90 ipproto tcp sport 22 lookup 98'],
        ['ip rule del pref 90', 'ip route flush table 98'],
      ),
      added(
        ['ip neigh replace 10.10.10.1 lladdr 02:00:00:00:00:99 nud permanent dev eth0'],
        ['ip neigh del 10.10.10.1 dev eth0'],
      ),
    ),
    expect: named('stale-arp-at-client-or-router', 'real-server/next-hop-neighbour', ofWeb),
  },
);
