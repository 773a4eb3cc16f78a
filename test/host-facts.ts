/** What every host of `aCluster()` says about itself when all is well, printed as its own tools print it. */
import { hostsOf, type Cluster, type ClusterHost } from '../lib/model/cluster.ts';
import type { Evidence } from '../lib/model/evidence.ts';
import { router } from './builders.ts';
import { insideVip, pairFactsOf } from './pair-facts.ts';
import type {
  Fact,
  HostFactName,
  HostFacts,
  HttpProbe,
  InterfaceAddress,
  IpvsService,
  Missing,
  NetworkLink,
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

/** Of directors under keepalived the first one has the VIP. */
function isStandby(cluster: Cluster, host: ClusterHost): boolean {
  return cluster.ha !== undefined && host.role === 'director' && cluster.directors[0]?.name !== host.name;
}

function addressesOf(cluster: Cluster, host: ClusterHost): InterfaceAddress[] {
  switch (host.role) {
    case 'director':
      return [
        loopback,
        ...(host.dip === '192.168.122.10' || host.interface === host.vipInterface
          ? []
          : [anAddress(host.vipInterface, isStandby(cluster, host) ? '192.168.122.9' : '192.168.122.10')]),
        ...(isStandby(cluster, host) ? [] : [...new Set(cluster.virtualServices.map((service) => service.vip))]).map(
          (vip) => anAddress(host.vipInterface, vip, { prefixLength: vip.includes(':') ? 128 : 32 }),
        ),
        anAddress(host.interface, host.dip),
        ...(cluster.ha === undefined || isStandby(cluster, host) || host.interface === host.vipInterface
          ? []
          : [anAddress(host.interface, insideVip)]),
      ];
    case 'real-server':
      return [
        loopback,
        anAddress('eth0', host.rip),
        ...directServices(cluster).map(({ vip, forwarding }) =>
          anAddress(forwarding === 'tun' ? 'tunl0' : 'lo', vip, { prefixLength: vip.includes(':') ? 128 : 32 }),
        ),
      ];
    case 'client':
      return [loopback, anAddress('eth0', host.cip)];
  }
}

const directServices = (cluster: Cluster) => cluster.virtualServices.filter(({ forwarding }) => forwarding !== 'nat');

/** Of the real servers. */
function gatewayOf(cluster: Cluster): string {
  if (directServices(cluster).length > 0) return router;
  return cluster.ha === undefined ? (cluster.directors[0]?.dip ?? '') : insideVip;
}

function routesOf(cluster: Cluster, host: ClusterHost): RouteDecision[] {
  const direct = directServices(cluster);
  const gateway = gatewayOf(cluster);
  // Leaves room for the header of the tunnel on the way in.
  const advertised = direct.some(({ forwarding }) => forwarding === 'tun') ? { advmss: 1440 } : {};
  switch (host.role) {
    case 'director':
      return [
        ...cluster.realServers.map(({ rip }) =>
          aRoute(rip, {
            interface: host.interface,
            source: host.dip,
            ...(direct.some(({ forwarding }) => forwarding === 'tun') ? { gateway } : {}),
          }),
        ),
        ...cluster.clients.map(({ cip }) => aRoute(cip, { interface: host.vipInterface, source: '192.168.122.10' })),
        ...cluster.virtualServices.map(({ vip }) =>
          isStandby(cluster, host)
            ? aRoute(vip, { interface: host.vipInterface, source: '192.168.122.9' })
            : aRoute(vip, { outcome: 'local', interface: 'lo' }),
        ),
      ];
    case 'real-server':
      return [
        ...cluster.clients.flatMap(({ cip }) => [
          aRoute(cip, { gateway, source: host.rip, ...advertised }),
          aRoute(cip, { gateway, from: host.rip, source: host.rip, ...advertised }),
          ...direct.map(({ vip }) => aRoute(cip, { gateway, from: vip, source: vip, ...advertised })),
        ]),
        ...direct.map(({ vip }) => aRoute(vip, { outcome: 'local', interface: 'lo', source: vip })),
      ];
    case 'client':
      return cluster.virtualServices.map(({ vip }) => aRoute(vip, { source: host.cip }));
  }
}

/** Locally administered, one for each host. */
export function macOf(cluster: Cluster, host: ClusterHost): string {
  const index = hostsOf(cluster).findIndex(({ name }) => name === host.name);
  return `02:4c:56:53:00:${(index + 1).toString(16).padStart(2, '0')}`;
}

function linksOf(cluster: Cluster, host: ClusterHost): NetworkLink[] {
  const plain = (name: string): NetworkLink => ({
    name,
    mac: macOf(cluster, host),
    mtu: 1500,
    up: true,
    noArp: false,
  });
  const names = host.role === 'director' ? [...new Set([host.vipInterface, host.interface])] : ['eth0'];
  const tunnelled =
    host.role === 'real-server' && directServices(cluster).some(({ forwarding }) => forwarding === 'tun');
  return [
    { name: 'lo', mtu: 65536, up: true, noArp: false },
    ...names.map(plain),
    ...(tunnelled ? [{ name: 'tunl0', mtu: 1480, up: true, noArp: true, kind: 'ipip' }] : []),
  ];
}

/** As a kernel starts, for one setting of every interface a host of these clusters has. */
function interfaceSettings(setting: string, value: string): Record<string, string> {
  const names = ['all', 'default', 'lo', 'eth0', 'eth1'];
  return Object.fromEntries(names.map((name) => [`net.ipv4.conf.${name}.${setting}`, value]));
}

const kernelDefaults: Readonly<Record<string, string>> = {
  ...interfaceSettings('rp_filter', '0'),
  ...interfaceSettings('arp_ignore', '0'),
  ...interfaceSettings('arp_announce', '0'),
  ...interfaceSettings('send_redirects', '1'),
  ...interfaceSettings('accept_redirects', '1'),
};

/** Documentation/networking/ipvs-sysctl.rst */
const ipvsDefaults: Readonly<Record<string, string>> = {
  'net.ipv4.vs.am_droprate': '10',
  'net.ipv4.vs.amemthresh': '1024',
  'net.ipv4.vs.backup_only': '0',
  'net.ipv4.vs.conn_reuse_mode': '1',
  'net.ipv4.vs.conntrack': '0',
  'net.ipv4.vs.drop_entry': '0',
  'net.ipv4.vs.drop_packet': '0',
  'net.ipv4.vs.expire_nodest_conn': '0',
  'net.ipv4.vs.expire_quiescent_template': '0',
  'net.ipv4.vs.run_estimation': '1',
  'net.ipv4.vs.secure_tcp': '0',
};

/** What a real server of DR or TUN is told, so that it keeps silent and takes what comes out of the tunnel. */
function realServerSysctls(cluster: Cluster): Record<string, string> {
  if (directServices(cluster).length === 0) return {};
  const of = (name: string, value: string) =>
    Object.fromEntries(
      ['all', 'default', 'eth0', 'lo', 'tunl0'].map((each) => [
        `net.ipv4.conf.${each}.${name}`,
        each === 'all' ? value : '0',
      ]),
    );
  return { ...of('arp_ignore', '1'), ...of('arp_announce', '2'), ...of('rp_filter', '0') };
}

/** As /etc/sysctl.conf has it: what was set for all interfaces. */
function persistedOf(sysctls: Readonly<Record<string, string>>): HostFacts['persistedSysctl'] {
  const set = Object.entries(sysctls).filter(([key]) => key.startsWith('net.ipv4.conf.all.'));
  return Object.fromEntries(set.map(([key, value]) => [key, { value, file: '/etc/sysctl.conf' }]));
}

function ipvsServicesOf(cluster: Cluster): IpvsService[] {
  return cluster.virtualServices.map((service) => ({
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
  }));
}

function probesOf(cluster: Cluster, host: ClusterHost): HttpProbe[] {
  if (host.role === 'client') return [];
  return cluster.virtualServices.flatMap((service) => {
    const page = (address: string, port: number, realServer: string) =>
      aProbe(
        `http://${address.includes(':') ? `[${address}]` : address}:${port}${service.health.httpPath}`,
        host.name,
        realServer,
      );
    const asked = service.destinations.filter(
      ({ realServer }) => host.role === 'director' || realServer.name === host.name,
    );
    return [
      ...asked.map(({ realServer, port }) => page(realServer.rip, port, realServer.name)),
      ...(host.role === 'real-server' && service.forwarding !== 'nat' && asked.length > 0
        ? [page(service.vip, service.port, host.name)]
        : []),
    ];
  });
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
    sysctl: {
      'net.ipv4.ip_forward': director ? '1' : '0',
      ...(host.role === 'client' ? {} : kernelDefaults),
      ...(director
        ? {
            ...ipvsDefaults,
            'net.ipv4.neigh.default.gc_thresh3': '1024',
            'net.ipv6.neigh.default.gc_thresh3': '1024',
            ...(cluster.ha === undefined
              ? {}
              : { 'net.ipv4.vs.expire_nodest_conn': '1', 'net.ipv4.vs.sync_threshold': '3\t50' }),
          }
        : {}),
      ...(host.role === 'real-server' ? realServerSysctls(cluster) : {}),
    },
    persistedSysctl: director
      ? {
          'net.ipv4.ip_forward': { value: '1', file: '/etc/sysctl.conf' },
          ...(cluster.ha === undefined
            ? {}
            : { 'net.ipv4.vs.expire_nodest_conn': { value: '1', file: '/etc/sysctl.conf' } }),
        }
      : host.role === 'real-server'
        ? persistedOf(realServerSysctls(cluster))
        : {},
    hostsFile: [
      { address: '127.0.0.1', names: ['localhost'] },
      ...cluster.directors.map(({ dip, name }) => ({ address: dip, names: [name] })),
      ...cluster.realServers.map(({ rip, name }) => ({ address: rip, names: [name] })),
      ...cluster.clients.map(({ cip, name }) => ({ address: cip, names: [name] })),
    ],
    clock: { offsetMs: 3, errorMs: 20, source: 'chrony', synchronised: true },
    firewall: {
      engines: [],
      rules: [],
      policies: { input: 'accept', forward: 'accept', output: 'accept' },
      translations: [],
      marks: [],
      arp: [],
      mssClamps: [],
    },
    selinux: { mode: 'absent' },
    listeners: [
      { address: '*', port: 22, queued: 0, backlog: 128 },
      ...(host.role === 'real-server' ? [{ address: '*', port: 80, queued: 0, backlog: 511 }] : []),
      ...(isStandby(cluster, host)
        ? [{ protocol: 'udp' as const, address: '224.0.0.81', port: 8848, queued: 0, backlog: 0 }]
        : []),
    ],
    httpProbes: probesOf(cluster, host),
    ipvsSupport: {
      ipvsadm: '1.31',
      loaded: true,
      loadable: true,
      schedulers: Object.fromEntries(cluster.virtualServices.map(({ scheduler }) => [scheduler, true])),
    },
    ipvsRules: { services: ipvsServicesOf(cluster) },
    limits: { openFiles: 1024, ephemeralPorts: [32768, 60999] },
    names: cluster.dns.map(({ name, address }) => ({ name, addresses: [address] })),
    sshTrust: { authorizedKeys: 1, knownHosts: [], passwordAuthentication: false },
    links: linksOf(cluster, host),
    neighbours: [],
    modules: {
      present: director ? ['ip_vs', 'ip_vs_rr'] : ['ipip'],
      atBoot: director
        ? cluster.ha === undefined
          ? []
          : [{ name: 'ip_vs', file: '/etc/modules-load.d/ip_vs.conf' }]
        : [{ name: 'ipip', file: '/etc/modules-load.d/ipip.conf' }],
    },
    units: {
      systemd: true,
      units: (director
        ? [cluster.ha === undefined ? 'ipvsadm.service' : 'keepalived.service', 'chrony.service']
        : host.role === 'real-server'
          ? ['nginx.service', 'chrony.service']
          : []
      ).map((name) => ({ name, active: 'active', enabled: 'enabled' })),
    },
    machineId: host.name.padEnd(32, '0'),
    offloads: [{ interface: 'eth0', largeReceive: false, genericReceive: true, transmitChecksum: true }],
    ipvsTable: { buckets: 4096, entries: 0, timeoutsS: { tcp: 900, tcpFin: 120, udp: 300 } },
    savedRules: {
      keeper: 'ipvsadm-debian',
      file: '/etc/ipvsadm.rules',
      atBoot: true,
      services: ipvsServicesOf(cluster),
    },
    persistedNetwork: {
      files: ['/etc/network/interfaces'],
      addresses: addressesOf(cluster, host).map(({ interface: name, address, prefixLength }) => ({
        interface: name,
        address,
        prefixLength,
        file: '/etc/network/interfaces',
      })),
      gateways: [
        {
          address: gatewayOf(cluster),
          file: '/etc/network/interfaces',
        },
      ],
      other: [],
    },
    selinuxDenials: [],
    packageOffer: { manager: 'apt', offers: {} },
    vipCensus: {
      questions:
        host.role === 'director' || directServices(cluster).length === 0
          ? []
          : cluster.virtualServices.map(({ vip }) => ({
              vip,
              interface: 'eth0',
              source: host.role === 'real-server' ? host.rip : host.cip,
              answers: cluster.directors.filter((one) => !isStandby(cluster, one)).map((one) => macOf(cluster, one)),
            })),
    },
    ...pairFactsOf(cluster, host),
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
