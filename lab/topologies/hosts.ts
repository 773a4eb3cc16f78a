/** What the hosts of several topologies have alike. Pure. */
import { IpvetError } from '../../lib/errors.ts';
import type { ClusterFile, VirtualServiceEntry } from '../../lib/model/cluster-file.ts';
import type { LabHostSpec, LabInterface } from '../hosts/host.ts';
import * as files from './files.ts';
import type { Topology, TopologyOptions } from './topology.ts';

export const MAX_REAL_SERVERS = 100;

/** rs1, rs2, … Throws USAGE when the number is out of range. */
export function realServerNames(count: number, least = 1): readonly string[] {
  if (!Number.isInteger(count) || count < least || count > MAX_REAL_SERVERS) {
    throw new IpvetError('USAGE', `a lab has ${least} to ${MAX_REAL_SERVERS} real servers, not ${count}`);
  }
  return Array.from({ length: count }, (_, index) => `rs${index + 1}`);
}

/** Locally administered, the same in every lab: labs share no bridge. `network` is below 256. */
export function mac(network: number, address: string): string {
  const last = address.includes(':') ? parseInt(address.split(':').at(-1) ?? '', 16) : Number(address.split('.')[3]);
  const byte = (value: number): string => value.toString(16).padStart(2, '0');
  return `02:4c:56:53:${byte(network)}:${byte(last)}`;
}

/** An interface whose primary address is in a network of `length` bits. */
export const cable = (
  [name, bridge, network]: readonly [name: string, bridge: string, network: number],
  address: string,
  length: number,
  more: readonly string[] = [],
): LabInterface => ({ name, bridge, mac: mac(network, address), addresses: [`${address}/${length}`, ...more] });

/** A network as its hosts know it. */
export interface Site {
  readonly kinds: TopologyOptions['kinds'];
  /** Everybody's address, by name: the same table on every host. */
  readonly names: Readonly<Record<string, string>>;
  /** Name server and time source, as most hosts reach it. */
  readonly infrastructure: string;
}

type Own = Pick<LabHostSpec, 'interfaces'> &
  Partial<Omit<LabHostSpec, 'name' | 'role' | 'kind'>> & {
    readonly sysctls?: Readonly<Record<string, string | number>>;
    /** Name server and time source of this host, where it is not the site's. */
    readonly asks?: string;
  };

function hostOf(site: Site, name: string, role: LabHostSpec['role'], memoryMb: number, own: Own): LabHostSpec {
  const { sysctls, asks, ...spec } = own;
  return {
    name,
    role,
    kind: site.kinds[role],
    memoryMb,
    routes: [],
    ...spec,
    services: ['ssh', ...(spec.services ?? [])],
    files: [
      files.hostName(name),
      files.hostTable(site.names),
      files.resolver(asks ?? site.infrastructure),
      ...(sysctls === undefined ? [] : [files.sysctls(sysctls)]),
      ...(spec.files ?? []),
    ],
  };
}

export const client = (site: Site, own: Own): LabHostSpec => hostOf(site, 'client1', 'client', 128, own);

/**
 * Name server, time source and router. What real servers of DR and TUN send has the VIP as its source and comes in where
 * the router has no way back to it: no reverse path filter.
 */
export function router(site: Site, records: Readonly<Record<string, string>>, own: Own): LabHostSpec {
  const everywhere = ['all', 'default', ...own.interfaces.map(({ name }) => name)];
  return hostOf(site, 'infra', 'infrastructure', 128, {
    ...own,
    asks: '127.0.0.1',
    services: ['dnsmasq', 'chrony'],
    sysctls: {
      'net.ipv4.ip_forward': 1,
      ...Object.fromEntries(
        everywhere.flatMap((name) => [
          [`net.ipv4.conf.${name}.send_redirects`, 0],
          [`net.ipv4.conf.${name}.rp_filter`, 0],
        ]),
      ),
      ...own.sysctls,
    },
    files: [
      files.nameServer({ ...records, ...site.names }),
      files.chronyServer(own.interfaces.flatMap(({ addresses }) => addresses)),
      ...(own.files ?? []),
    ],
  });
}

export const director = (site: Site, own: Own, name = 'director1'): LabHostSpec =>
  hostOf(site, name, 'director', 256, {
    ...own,
    services: ['chrony', ...(own.services ?? [])],
    files: [files.chronyClient(own.asks ?? site.infrastructure), ...(own.files ?? [])],
  });

export const realServer = (
  site: Site,
  name: string,
  { ports, ipv6, ...own }: Own & { readonly ports?: readonly number[]; readonly ipv6?: boolean },
): LabHostSpec =>
  hostOf(site, name, 'real-server', 160, {
    ...own,
    services: ['nginx', 'chrony', ...(own.services ?? [])],
    sysctls: { 'net.core.somaxconn': 4096, 'net.ipv4.tcp_max_syn_backlog': 4096, ...own.sysctls },
    files: [
      files.chronyClient(own.asks ?? site.infrastructure),
      files.webServer(name, ports, { ipv6: ipv6 ?? false }),
      ...(own.files ?? []),
    ],
  });

/** A real server that carries the VIP on its segment says nothing about it there. */
export const arpSilence = { 'net.ipv4.conf.all.arp_ignore': 1, 'net.ipv4.conf.all.arp_announce': 2 } as const;

/** A web service on every real server, as the cluster file has it. */
export const webService = (changes: Partial<VirtualServiceEntry> & Pick<VirtualServiceEntry, 'vip' | 'forwarding'>) =>
  ({
    name: 'web',
    port: 80,
    protocol: 'tcp',
    scheduler: 'rr',
    real_servers: 'all',
    health: { http: '/', expect: 200 },
    identify_by: { header: 'X-Real-Server' },
    ...changes,
  }) satisfies VirtualServiceEntry;

type ClusterParts = Pick<ClusterFile, 'directors' | 'real_servers' | 'virtual_services' | 'dns' | 'rules' | 'ha'> & {
  readonly cip: string;
  /** Of the smoke load of each service. */
  readonly requests?: number;
};

/** The cluster file around what a topology declares. */
export const clusterOf =
  ({ cip, requests = 2000, ...parts }: ClusterParts): Topology['cluster'] =>
  ({ name, clientNetns, sshConfig }) => ({
    version: 1,
    name,
    environment: 'lab',
    ssh: { config: sshConfig, user: 'ops', become: 'sudo' },
    directors: parts.directors,
    real_servers: parts.real_servers,
    clients: [{ name: 'client1', host: 'localhost', netns: clientNetns, cip, interface: 'eth0' }],
    ...(parts.dns === undefined ? {} : { dns: parts.dns }),
    virtual_services: parts.virtual_services,
    rules: parts.rules ?? { managed_by: 'ipvsadm' },
    ...(parts.ha === undefined ? {} : { ha: parts.ha }),
    load: { profiles: { smoke: { mode: 'ab', requests, concurrency: 50 } } },
    thresholds: [{ load: 'smoke', metric: 'errors.rate', max: '0.1%' }],
  });
