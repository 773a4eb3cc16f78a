/**
 * Two directors under keepalived that stand in for each other, for VS/DR (`ha`) and VS/NAT (`ha-nat`). The client is behind
 * the router, so that it is the router's neighbour entry that has to follow the VIP. Operator and lab reach every host
 * without passing a director.
 */
import * as files from './files.ts';
import * as hosts from './hosts.ts';
import { ADVERT_INT_S, type DirectorPair, keepalivedConf, VRID } from './keepalived.ts';
import { realServerAddress as addressInSegment } from './dr.ts';
import { realServerAddress as addressInside } from './nat.ts';
import type { Topology, TopologyOptions } from './topology.ts';

const VIP = '192.168.122.100';
const CIP = '172.16.0.2';
const ROUTER_OUTSIDE = '172.16.0.254';
const ROUTER = '192.168.122.254';
/** Gateway of the real servers of VS/NAT: it moves with the VIP. */
const INSIDE_VIP = '10.10.10.1';
const INFRA_INSIDE = '10.10.10.4';
const outsideAddresses = { director1: '192.168.122.10', director2: '192.168.122.9' } as const;
const insideAddresses = { director1: '10.10.10.2', director2: '10.10.10.3' } as const;
const directorNames = ['director1', 'director2'] as const;
type DirectorName = (typeof directorNames)[number];

/** What `ip_vs` needs is there before keepalived asks for it. */
const modules = ['ip_vs', 'ip_vs_rr'];
const directorMemoryMb = 128;

const inSegment = (address: string) => hosts.cable(['eth0', 'lan', 0], address, 24);
const behind = (name: string, address: string) => hosts.cable([name, 'servers', 2], address, 24);

/** Throws USAGE when the number of real servers is out of range. */
export function ha({ realServers: count, kinds }: TopologyOptions): Topology {
  const realServers = named(count, addressInSegment);
  const site = siteOf(kinds, realServers);
  const pair: DirectorPair = {
    instances: [{ name: 'VI_1', interface: 'eth0', vrid: VRID, address: `${VIP}/32` }],
    syncInterface: 'eth0',
    vip: VIP,
    lbKind: 'DR',
    realServers: realServers.map(({ address }) => address),
  };
  return topologyOf('ha', site, {
    bridges: ['lan', 'outside'],
    routerLegs: [],
    directors: directorNames.map((name) => director(site, name, pair, outsideAddresses[name], {})),
    servers: realServers.map(({ name, address }) =>
      hosts.realServer(site, name, {
        interfaces: [inSegment(address)],
        loopback: [`${VIP}/32`],
        gateway: ROUTER,
        sysctls: hosts.arpSilence,
      }),
    ),
    declared: {
      directors: directorNames.map((name) => ({
        name,
        dip: outsideAddresses[name],
        interface: 'eth0',
        vip_interface: 'eth0',
      })),
      real_servers: realServers.map(({ name, address }) => ({ name, rip: address, interface: 'eth0', weight: 1 })),
      virtual_services: [hosts.webService({ vip: VIP, forwarding: 'dr' })],
    },
  });
}

/** Throws USAGE when the number of real servers is out of range. */
export function haNat({ realServers: count, kinds }: TopologyOptions): Topology {
  const realServers = named(count, addressInside);
  const site = siteOf(kinds, realServers);
  const pair: DirectorPair = {
    instances: [
      { name: 'VI_1', interface: 'eth0', vrid: VRID, address: `${VIP}/32` },
      { name: 'VI_GATEWAY', interface: 'eth1', vrid: VRID + 1, address: `${INSIDE_VIP}/24` },
    ],
    syncInterface: 'eth1',
    vip: VIP,
    lbKind: 'NAT',
    realServers: realServers.map(({ address }) => address),
  };
  return topologyOf('ha-nat', site, {
    bridges: ['lan', 'servers', 'outside'],
    routerLegs: [behind('eth2', INFRA_INSIDE)],
    directors: directorNames.map((name) =>
      director(site, name, pair, insideAddresses[name], {
        interfaces: [behind('eth1', insideAddresses[name])],
        sysctls: { 'net.ipv4.ip_forward': 1 },
      }),
    ),
    servers: realServers.map(({ name, address }) =>
      hosts.realServer(site, name, {
        interfaces: [behind('eth0', address)],
        gateway: INSIDE_VIP,
        asks: INFRA_INSIDE,
      }),
    ),
    declared: {
      directors: directorNames.map((name) => ({
        name,
        dip: insideAddresses[name],
        interface: 'eth1',
        vip_interface: 'eth0',
      })),
      real_servers: realServers.map(({ name, address }) => ({ name, rip: address, interface: 'eth0', weight: 1 })),
      virtual_services: [hosts.webService({ vip: VIP, forwarding: 'nat' })],
    },
  });
}

interface Named {
  readonly name: string;
  readonly address: string;
}

const named = (count: number, addressOf: (index: number) => string): readonly Named[] =>
  hosts.realServerNames(count).map((name, index) => ({ name, address: addressOf(index) }));

const siteOf = (kinds: TopologyOptions['kinds'], realServers: readonly Named[]): hosts.Site => ({
  kinds,
  names: {
    client1: CIP,
    ...outsideAddresses,
    infra: ROUTER,
    ...Object.fromEntries(realServers.map(({ name, address }) => [name, address])),
  },
  infrastructure: ROUTER,
});

function director(
  site: hosts.Site,
  name: DirectorName,
  pair: DirectorPair,
  dip: string,
  { interfaces = [], sysctls }: Partial<Parameters<typeof hosts.director>[1]>,
) {
  return hosts.director(
    site,
    {
      memoryMb: directorMemoryMb,
      interfaces: [inSegment(outsideAddresses[name]), ...interfaces],
      gateway: ROUTER,
      modules,
      services: ['keepalived', 'nginx'],
      // A destination that a check takes out lets go of its connections at once.
      sysctls: { 'net.ipv4.vs.expire_nodest_conn': 1, ...sysctls },
      files: [keepalivedConf(pair, { name, dip, master: name === 'director1' }), files.webServer('sorry')],
    },
    name,
  );
}

interface Parts {
  readonly bridges: readonly string[];
  readonly routerLegs: Topology['hosts'][number]['interfaces'];
  readonly directors: Topology['hosts'];
  readonly servers: Topology['hosts'];
  readonly declared: Pick<Parameters<typeof hosts.clusterOf>[0], 'directors' | 'real_servers' | 'virtual_services'>;
}

function topologyOf(name: string, site: hosts.Site, parts: Parts): Topology {
  return {
    name,
    bridges: parts.bridges,
    hosts: [
      hosts.client(site, { interfaces: [hosts.cable(['eth0', 'outside', 1], CIP, 24)], gateway: ROUTER_OUTSIDE }),
      hosts.router(
        site,
        { 'www.example.com': VIP },
        {
          interfaces: [inSegment(ROUTER), hosts.cable(['eth1', 'outside', 1], ROUTER_OUTSIDE, 24), ...parts.routerLegs],
        },
      ),
      ...parts.directors,
      ...parts.servers,
    ],
    client: 'client1',
    infrastructure: 'infra',
    addresses: site.names,
    jumps: {},
    cluster: hosts.clusterOf({
      cip: CIP,
      ...parts.declared,
      dns: [{ name: 'www.example.com', address: VIP, server: ROUTER }],
      rules: { managed_by: 'keepalived' },
      ha: { engine: 'keepalived', vrid: VRID, advert_int: `${ADVERT_INT_S}s` },
    }),
  };
}
