/**
 * VS/DR in one segment: director, real servers and the VIP on 192.168.122.0/24, which the router `infra` leaves. Every
 * host's default gateway is the router, and answers go to the client without passing the director. The client stands in
 * the segment too (flat), or behind the router (routed), where it is the router that asks who has the VIP.
 */
import * as hosts from './hosts.ts';
import type { Topology, TopologyOptions } from './topology.ts';

const VIP = '192.168.122.100';
const DIP = '192.168.122.10';
const ROUTER = '192.168.122.254';
const ROUTER_OUTSIDE = '172.16.0.254';

/** 192.168.122.11 on, past the VIP. */
export function realServerAddress(index: number): string {
  const last = 11 + index;
  return `192.168.122.${last < 100 ? last : last + 1}`;
}

/** Throws USAGE when the number of real servers is out of range. */
export function dr({ realServers: count, kinds, client: place = 'flat' }: TopologyOptions): Topology {
  const realServers = hosts.realServerNames(count).map((name, index) => ({ name, address: realServerAddress(index) }));
  const routed = place === 'routed';
  const cip = routed ? '172.16.0.2' : '192.168.122.1';
  const names = {
    client1: cip,
    director1: DIP,
    infra: ROUTER,
    ...Object.fromEntries(realServers.map(({ name, address }) => [name, address])),
  };
  const site = { kinds, names, infrastructure: ROUTER };
  const inSegment = (address: string, ...more: string[]) => hosts.cable(['eth0', 'lan', 0], address, 24, more);

  return {
    name: 'dr',
    bridges: routed ? ['lan', 'outside'] : ['lan'],
    hosts: [
      hosts.client(site, {
        interfaces: [routed ? hosts.cable(['eth0', 'outside', 1], cip, 24) : inSegment(cip)],
        gateway: routed ? ROUTER_OUTSIDE : ROUTER,
      }),
      hosts.router(
        site,
        { 'www.example.com': VIP },
        {
          interfaces: [inSegment(ROUTER), ...(routed ? [hosts.cable(['eth1', 'outside', 1], ROUTER_OUTSIDE, 24)] : [])],
        },
      ),
      hosts.director(site, { interfaces: [inSegment(DIP, `${VIP}/32`)], gateway: ROUTER }),
      ...realServers.map(({ name, address }) =>
        hosts.realServer(site, name, {
          interfaces: [inSegment(address)],
          loopback: [`${VIP}/32`],
          gateway: ROUTER,
          sysctls: hosts.arpSilence,
        }),
      ),
    ],
    client: 'client1',
    infrastructure: 'infra',
    addresses: names,
    jumps: {},
    cluster: hosts.clusterOf({
      cip,
      directors: [{ name: 'director1', dip: DIP, interface: 'eth0', vip_interface: 'eth0' }],
      real_servers: realServers.map(({ name, address }) => ({ name, rip: address, interface: 'eth0', weight: 1 })),
      dns: [{ name: 'www.example.com', address: VIP, server: ROUTER }],
      virtual_services: [hosts.webService({ vip: VIP, forwarding: 'dr' })],
    }),
  };
}
