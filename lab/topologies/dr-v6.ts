/**
 * VS/DR on IPv6 alone: the segment fd00:122::/64 with director, real servers, client and the router `infra`, and no IPv4
 * but on lo. A real server answers no neighbour solicitation for an address of its lo, so there is nothing to silence;
 * the VIP is deprecated (preferred_lft 0) everywhere, so that nothing is sent from it that does not belong to a service.
 */
import * as hosts from './hosts.ts';
import type { Topology, TopologyOptions } from './topology.ts';

const VIP = 'fd00:122::100';
const DIP = 'fd00:122::10';
const CIP = 'fd00:122::1';
const ROUTER = 'fd00:122::fe';

/** Throws USAGE when the number of real servers is out of range. */
export function drV6({ realServers: count, kinds }: TopologyOptions): Topology {
  const realServers = hosts
    .realServerNames(count)
    .map((name, index) => ({ name, address: `fd00:122::${(0x11 + index).toString(16)}` }));
  const names = {
    client1: CIP,
    director1: DIP,
    infra: ROUTER,
    ...Object.fromEntries(realServers.map(({ name, address }) => [name, address])),
  };
  const site = { kinds, names, infrastructure: ROUTER };
  const inSegment = (address: string, ...more: string[]) => hosts.cable(['eth0', 'lan', 0], address, 64, more);
  const vip = `${VIP}/128 preferred_lft 0`;

  return {
    name: 'dr-v6',
    bridges: ['lan'],
    hosts: [
      hosts.client(site, { interfaces: [inSegment(CIP)], gateway: ROUTER }),
      hosts.router(
        site,
        { 'www.example.com': VIP },
        { interfaces: [inSegment(ROUTER)], sysctls: { 'net.ipv6.conf.all.forwarding': 1 } },
      ),
      hosts.director(site, { interfaces: [inSegment(DIP, vip)], gateway: ROUTER }),
      ...realServers.map(({ name, address }) =>
        hosts.realServer(site, name, {
          interfaces: [inSegment(address)],
          loopback: [vip],
          gateway: ROUTER,
          ipv6: true,
        }),
      ),
    ],
    client: 'client1',
    infrastructure: 'infra',
    addresses: names,
    jumps: {},
    cluster: hosts.clusterOf({
      cip: CIP,
      directors: [{ name: 'director1', dip: DIP, interface: 'eth0', vip_interface: 'eth0' }],
      real_servers: realServers.map(({ name, address }) => ({ name, rip: address, interface: 'eth0', weight: 1 })),
      dns: [{ name: 'www.example.com', address: VIP, server: ROUTER }],
      virtual_services: [hosts.webService({ vip: VIP, forwarding: 'dr' })],
    }),
  };
}
