/**
 * VS/TUN: the director on 192.168.122.0/24, each real server in a network of its own (10.20.N.0/24), the client in yet
 * another, and the router `infra` between them all. The director sends the client's packets in an IPIP tunnel; the real
 * server takes them out of tunl0, which carries the VIP, and answers the client by way of its own gateway. With 20 bytes
 * more on the way in, its default route advertises a maximum segment that leaves room for them.
 */
import * as hosts from './hosts.ts';
import type { Topology, TopologyOptions } from './topology.ts';

const VIP = '192.168.122.100';
const DIP = '192.168.122.10';
const ROUTER = '192.168.122.254';
const CIP = '172.16.0.2';
const ROUTER_OUTSIDE = '172.16.0.254';

/** Of tunl0: what is left of an Ethernet frame, as the kernel has it too. */
export const TUNNEL_MTU = 1480;
export const TUNNEL_MSS = TUNNEL_MTU - 40;

/**
 * What comes out of a tunnel has the client's address as its source, and the way back to that is another interface. The
 * kernel takes the larger of `all` and the interface.
 */
export const tunnelSysctls = { 'net.ipv4.conf.all.rp_filter': 0, 'net.ipv4.conf.tunl0.rp_filter': 0 } as const;

/** Throws USAGE when the number of real servers is out of range. */
export function tun({ realServers: count, kinds }: TopologyOptions): Topology {
  const realServers = hosts.realServerNames(count).map((name, index) => ({
    name,
    bridge: `rack${index + 1}`,
    network: index + 2,
    address: `10.20.${index + 1}.11`,
    gateway: `10.20.${index + 1}.254`,
  }));
  const names = {
    client1: CIP,
    director1: DIP,
    infra: ROUTER,
    ...Object.fromEntries(realServers.map(({ name, address }) => [name, address])),
  };
  const site = { kinds, names, infrastructure: ROUTER };

  return {
    name: 'tun',
    bridges: ['lan', 'outside', ...realServers.map(({ bridge }) => bridge)],
    hosts: [
      hosts.client(site, { interfaces: [hosts.cable(['eth0', 'outside', 1], CIP, 24)], gateway: ROUTER_OUTSIDE }),
      hosts.router(
        site,
        { 'www.example.com': VIP },
        {
          interfaces: [
            hosts.cable(['eth0', 'lan', 0], ROUTER, 24),
            hosts.cable(['eth1', 'outside', 1], ROUTER_OUTSIDE, 24),
            ...realServers.map(({ bridge, network, gateway }, index) =>
              hosts.cable([`eth${index + 2}`, bridge, network], gateway, 24),
            ),
          ],
        },
      ),
      hosts.director(site, { interfaces: [hosts.cable(['eth0', 'lan', 0], DIP, 24, [`${VIP}/32`])], gateway: ROUTER }),
      ...realServers.map(({ name, bridge, network, address, gateway }) =>
        hosts.realServer(site, name, {
          interfaces: [hosts.cable(['eth0', bridge, network], address, 24)],
          modules: ['ipip'],
          tunnels: [{ name: 'tunl0', mtu: TUNNEL_MTU, addresses: [`${VIP}/32`] }],
          gateway,
          gatewayOptions: `advmss ${TUNNEL_MSS}`,
          sysctls: { ...hosts.arpSilence, ...tunnelSysctls },
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
      virtual_services: [hosts.webService({ vip: VIP, forwarding: 'tun' })],
    }),
  };
}
