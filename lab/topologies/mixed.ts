/**
 * One director, every forwarding method: half of the real servers in its segment, which take DR and TUN and leave it by
 * the router `infra`, behind which the client stands; the other half behind the director, which is their default gateway
 * (NAT). Services by port and by firewall mark, over TCP and UDP, on four VIPs.
 */
import type { VirtualServiceEntry } from '../../lib/model/cluster-file.ts';
import { realServerAddress as inSegmentAddress } from './dr.ts';
import * as files from './files.ts';
import * as hosts from './hosts.ts';
import { realServerAddress as insideAddress } from './nat.ts';
import type { Topology, TopologyOptions } from './topology.ts';
import { TUNNEL_MSS, TUNNEL_MTU, tunnelSysctls } from './tun.ts';

const WEB = '192.168.122.100';
const TUNNELLED = '192.168.122.101';
const INSIDE = '192.168.122.102';
const MARKED = { vip: '192.168.122.103', port: 8080, fwmark: 1 } as const;
const DIRECTOR = '192.168.122.10';
const DIP = '10.10.10.1';
const CIP = '172.16.0.2';
const ROUTER = '192.168.122.254';
const ROUTER_OUTSIDE = '172.16.0.254';
const ROUTER_INSIDE = '10.10.10.2';

/** Throws USAGE when the number of real servers is out of range: there is at least one for each side. */
export function mixed({ realServers: count, kinds }: TopologyOptions): Topology {
  const all = hosts.realServerNames(count, 2);
  const half = Math.ceil(count / 2);
  const inSegment = all.slice(0, half).map((name, index) => ({ name, address: inSegmentAddress(index) }));
  const inside = all.slice(half).map((name, index) => ({ name, address: insideAddress(index) }));
  const names = {
    client1: CIP,
    director1: DIRECTOR,
    infra: ROUTER,
    ...Object.fromEntries([...inSegment, ...inside].map(({ name, address }) => [name, address])),
  };
  const site = { kinds, names, infrastructure: ROUTER };
  const segment = (address: string, more: readonly string[] = []) => hosts.cable(['eth0', 'lan', 0], address, 24, more);
  const outer = (name: string, address: string) => hosts.cable([name, 'outside', 1], address, 24);
  const servers = (name: string, address: string) => hosts.cable([name, 'servers', 2], address, 24);
  const records = { 'www.example.com': WEB };

  return {
    name: 'mixed',
    bridges: ['lan', 'outside', 'servers'],
    hosts: [
      hosts.client(site, { interfaces: [outer('eth0', CIP)], gateway: ROUTER_OUTSIDE }),
      hosts.router(site, records, {
        interfaces: [segment(ROUTER), outer('eth1', ROUTER_OUTSIDE), servers('eth2', ROUTER_INSIDE)],
      }),
      hosts.director(site, {
        interfaces: [
          segment(
            DIRECTOR,
            [WEB, TUNNELLED, INSIDE, MARKED.vip].map((vip) => `${vip}/32`),
          ),
          servers('eth1', DIP),
        ],
        gateway: ROUTER,
        services: ['netfilter-persistent'],
        sysctls: { 'net.ipv4.ip_forward': 1 },
        files: [files.marks([MARKED])],
      }),
      ...inSegment.map(({ name, address }) =>
        hosts.realServer(site, name, {
          interfaces: [segment(address)],
          modules: ['ipip'],
          loopback: [`${WEB}/32`, `${MARKED.vip}/32`],
          tunnels: [{ name: 'tunl0', mtu: TUNNEL_MTU, addresses: [`${TUNNELLED}/32`] }],
          gateway: ROUTER,
          gatewayOptions: `advmss ${TUNNEL_MSS}`,
          services: ['dnsmasq'],
          ports: [80, MARKED.port],
          sysctls: { ...hosts.arpSilence, ...tunnelSysctls },
          files: [files.nameServer(records, [WEB])],
        }),
      ),
      ...inside.map(({ name, address }) =>
        hosts.realServer(site, name, {
          interfaces: [servers('eth0', address)],
          gateway: DIP,
          asks: ROUTER_INSIDE,
        }),
      ),
    ],
    client: 'client1',
    infrastructure: 'infra',
    addresses: names,
    jumps: Object.fromEntries(inside.map(({ name }) => [name, 'director1'])),
    cluster: hosts.clusterOf({
      cip: CIP,
      // Entries of one service's load are still in the table that the next one's sampling reads.
      requests: 1000,
      directors: [{ name: 'director1', dip: DIP, interface: 'eth1', vip_interface: 'eth0' }],
      real_servers: [
        ...inSegment.map(({ name, address }) => ({ name, rip: address, interface: 'eth0', weight: 1 })),
        ...inside.map(({ name, address }) => ({ name, jump: 'director1', rip: address, interface: 'eth0', weight: 1 })),
      ],
      dns: [{ name: 'www.example.com', address: WEB, server: ROUTER }],
      virtual_services: services(
        inSegment.map(({ name }) => name),
        inside.map(({ name }) => name),
      ),
    }),
  };
}

function services(inSegment: string[], inside: string[]): VirtualServiceEntry[] {
  return [
    hosts.webService({ vip: WEB, forwarding: 'dr', real_servers: inSegment }),
    hosts.webService({
      name: 'tunnelled',
      vip: TUNNELLED,
      forwarding: 'tun',
      scheduler: 'wrr',
      real_servers: inSegment,
    }),
    hosts.webService({
      name: 'inside',
      vip: INSIDE,
      port: 8080,
      forwarding: 'nat',
      real_servers: inside.map((name) => ({ name, port: 80 })),
    }),
    hosts.webService({ name: 'marked', ...MARKED, forwarding: 'dr', real_servers: inSegment }),
    { name: 'dns', vip: WEB, port: 53, protocol: 'udp', forwarding: 'dr', scheduler: 'rr', real_servers: inSegment },
  ];
}
