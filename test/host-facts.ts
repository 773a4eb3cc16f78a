/** What every host of `aCluster()` says about itself when all is well, printed as its own tools print it. */
import { hostsOf, type Cluster, type ClusterHost } from '../lib/model/cluster.ts';
import type { Evidence } from '../lib/model/evidence.ts';
import type {
  Fact,
  HostFactName,
  HostFacts,
  HttpProbe,
  InterfaceAddress,
  Missing,
  RouteDecision,
} from '../lib/model/facts.ts';

/** Facts that differ from the healthy ones; a `missing(...)` stands for one that could not be had. */
export type FactChanges = { readonly [N in HostFactName]?: HostFacts[N] | Missing };

const loopback: InterfaceAddress = {
  interface: 'lo',
  family: 'ipv4',
  address: '127.0.0.1',
  prefixLength: 8,
  up: true,
};

export function anAddress(name: string, address: string, change: Partial<InterfaceAddress> = {}): InterfaceAddress {
  return {
    interface: name,
    family: address.includes(':') ? 'ipv6' : 'ipv4',
    address,
    prefixLength: address.includes(':') ? 64 : 24,
    up: true,
    ...change,
  };
}

export function aRoute(destination: string, change: Partial<RouteDecision> = {}): RouteDecision {
  return { destination, outcome: 'unicast', interface: 'eth0', ...change };
}

export function aProbe(url: string, from: string, realServer: string, change: Partial<HttpProbe> = {}): HttpProbe {
  return {
    url,
    from,
    outcome: 'answered',
    status: 200,
    headers: { 'content-type': 'text/html', 'x-real-server': realServer },
    body: `${realServer}\n`,
    connectMs: 1,
    ...change,
  };
}

function addressesOf(cluster: Cluster, host: ClusterHost): InterfaceAddress[] {
  switch (host.role) {
    case 'director':
      return [
        loopback,
        anAddress(host.vipInterface, '192.168.122.10'),
        ...[...new Set(cluster.virtualServices.map((service) => service.vip))].map((vip) =>
          anAddress(host.vipInterface, vip, { prefixLength: vip.includes(':') ? 128 : 32 }),
        ),
        anAddress(host.interface, host.dip),
      ];
    case 'real-server':
      return [loopback, anAddress('eth0', host.rip)];
    case 'client':
      return [loopback, anAddress('eth0', host.cip)];
  }
}

function routesOf(cluster: Cluster, host: ClusterHost): RouteDecision[] {
  const gateway = cluster.directors[0]?.dip ?? '';
  switch (host.role) {
    case 'director':
      return [
        ...cluster.realServers.map(({ rip }) => aRoute(rip, { interface: host.interface, source: host.dip })),
        ...cluster.clients.map(({ cip }) => aRoute(cip, { interface: host.vipInterface, source: '192.168.122.10' })),
      ];
    case 'real-server':
      return cluster.clients.map(({ cip }) => aRoute(cip, { gateway, source: host.rip }));
    case 'client':
      return cluster.virtualServices.map(({ vip }) => aRoute(vip, { source: host.cip }));
  }
}

function probesOf(cluster: Cluster, host: ClusterHost): HttpProbe[] {
  if (host.role === 'client') return [];
  return cluster.virtualServices.flatMap((service) =>
    service.destinations
      .filter(({ realServer }) => host.role === 'director' || realServer.name === host.name)
      .map(({ realServer, port }) =>
        aProbe(`http://${realServer.rip}:${port}${service.health.httpPath}`, host.name, realServer.name),
      ),
  );
}

/** The facts of one host of a healthy cluster. */
export function factsOf(cluster: Cluster, host: ClusterHost): HostFacts {
  const director = host.role === 'director';
  return {
    privilege: { user: 'ops', level: 'root' },
    os: { id: 'debian', prettyName: 'Debian GNU/Linux 12 (bookworm)', kernel: '6.1.176' },
    hostname: host.name,
    addresses: addressesOf(cluster, host),
    routes: routesOf(cluster, host),
    sysctl: { 'net.ipv4.ip_forward': director ? '1' : '0', ...(director ? { 'net.ipv4.vs.conntrack': '0' } : {}) },
    persistedSysctl: director ? { 'net.ipv4.ip_forward': { value: '1', file: '/etc/sysctl.conf' } } : {},
    hostsFile: [
      { address: '127.0.0.1', names: ['localhost'] },
      ...cluster.directors.map(({ dip, name }) => ({ address: dip, names: [name] })),
      ...cluster.realServers.map(({ rip, name }) => ({ address: rip, names: [name] })),
      ...cluster.clients.map(({ cip, name }) => ({ address: cip, names: [name] })),
    ],
    clock: { offsetMs: 3, errorMs: 20, source: 'chrony', synchronised: true },
    firewall: { engines: [], rules: [], policies: { input: 'accept', forward: 'accept', output: 'accept' } },
    selinux: { mode: 'absent' },
    listeners: [
      { address: '*', port: 22, queued: 0, backlog: 128 },
      ...(host.role === 'real-server' ? [{ address: '*', port: 80, queued: 0, backlog: 511 }] : []),
    ],
    httpProbes: probesOf(cluster, host),
    ipvsSupport: {
      ipvsadm: '1.31',
      loaded: true,
      loadable: true,
      schedulers: Object.fromEntries(cluster.virtualServices.map(({ scheduler }) => [scheduler, true])),
    },
    ipvsRules: {
      services: cluster.virtualServices.map((service) => ({
        protocol: service.protocol,
        address: service.vip,
        port: service.port,
        scheduler: service.scheduler,
        persistenceS: service.persistenceS,
        extra: [],
        destinations: service.destinations.map(({ realServer, port, weight }) => ({
          address: realServer.rip,
          port,
          forwarding: service.forwarding,
          weight,
          extra: [],
        })),
      })),
    },
    limits: { openFiles: 1024, ephemeralPorts: [32768, 60999] },
    names: cluster.dns.map(({ name, address }) => ({ name, addresses: [address] })),
    sshTrust: { authorizedKeys: 1, knownHosts: [], passwordAuthentication: false },
  };
}

/** How the tool that an operator would use prints each value, as far as a test wants to see it quoted. */
function printed(name: HostFactName, facts: HostFacts): string {
  switch (name) {
    case 'addresses':
      return facts.addresses
        .map((entry) => `${entry.interface} ${entry.up ? 'UP' : 'DOWN'} ${entry.address}/${entry.prefixLength}`)
        .join('\n');
    case 'routes':
      return facts.routes
        .map(({ destination, outcome, gateway, interface: dev }) =>
          outcome === 'unicast'
            ? `${destination} ${gateway === undefined ? '' : `via ${gateway} `}dev ${dev ?? ''}`
            : `${outcome} ${destination}`,
        )
        .join('\n');
    case 'sysctl':
      return Object.entries(facts.sysctl)
        .map(([key, value]) => `${key} = ${value}`)
        .join('\n');
    case 'hostsFile':
      return facts.hostsFile.map(({ address, names }) => `${address} ${names.join(' ')}`).join('\n');
    case 'firewall':
      return facts.firewall.rules.map(({ text }) => text).join('\n');
    case 'hostname':
      return facts.hostname;
    default: {
      const value: unknown = facts[name];
      return (Array.isArray(value) ? value : [value]).map((one) => JSON.stringify(one)).join('\n');
    }
  }
}

const isMissing = (value: unknown): value is Missing =>
  typeof value === 'object' && value !== null && 'known' in value && value.known === false;

export interface HostReport {
  readonly facts: { readonly [N in HostFactName]: Fact<HostFacts[N]> };
  readonly evidence: Readonly<Record<HostFactName, Evidence>>;
}

/** One host's facts with changes, each known with what was printed, or missing. */
export function reportOf(cluster: Cluster, host: ClusterHost, changes: FactChanges = {}): HostReport {
  const healthy = factsOf(cluster, host);
  const names = Object.keys(healthy) as HostFactName[];
  const values = {
    ...healthy,
    ...Object.fromEntries(Object.entries(changes).filter(([, value]) => !isMissing(value))),
  };
  const evidence = Object.fromEntries(
    names.map((name) => [name, { host: host.name, command: `look at ${name}`, output: printed(name, values) }]),
  ) as Record<HostFactName, Evidence>;
  const facts = Object.fromEntries(
    names.map((name) => {
      const change = changes[name];
      return [name, isMissing(change) ? change : { known: true, value: values[name], evidence: evidence[name] }];
    }),
  ) as unknown as HostReport['facts'];
  return { facts, evidence };
}

/** The same for every host, by name. */
export function reportsOf(
  cluster: Cluster,
  changes: Readonly<Record<string, FactChanges>> = {},
): ReadonlyMap<string, HostReport> {
  return new Map(hostsOf(cluster).map((host) => [host.name, reportOf(cluster, host, changes[host.name])]));
}
