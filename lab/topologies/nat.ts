/**
 * VS/NAT as operators draw it: clients on 192.168.122.0/24, real servers on 10.10.10.0/24 behind the director, which is
 * their default gateway. One more host, `infra`, stands on both networks as name server and time source; it forwards
 * nothing. No network has a route out.
 */
import type { LabHostSpec, LabInterface } from '../hosts/host.ts';
import * as files from './files.ts';
import { cable, realServerNames } from './hosts.ts';
import type { Topology, TopologyOptions } from './topology.ts';

const VIP = '192.168.122.100';
const DIP = '10.10.10.1';
const CIP = '192.168.122.1';
const DIRECTOR = '192.168.122.10';
const INFRA_OUTSIDE = '192.168.122.2';
const INFRA_INSIDE = '10.10.10.2';

/** 10.10.10.10, .20, … .250, then the addresses left between them from .11 on. */
export function realServerAddress(index: number): string {
  if (index < 25) return `10.10.10.${(index + 1) * 10}`;
  const rest = index - 25;
  return `10.10.10.${11 + rest + Math.floor(rest / 9)}`;
}

const outside = (address: string, ...more: string[]): LabInterface => cable(['eth0', 'clients', 0], address, 24, more);

const inside = (name: string, address: string): LabInterface => cable([name, 'servers', 1], address, 24);

/** Throws USAGE when the number of real servers is out of range. */
export function nat({ realServers: count, kinds }: TopologyOptions): Topology {
  const realServers = realServerNames(count).map((name, index) => ({ name, address: realServerAddress(index) }));
  const names = {
    client1: CIP,
    director1: DIRECTOR,
    infra: INFRA_OUTSIDE,
    ...Object.fromEntries(realServers.map(({ name, address }) => [name, address])),
  };
  const common = (name: string, resolver: string) => [
    files.hostName(name),
    files.hostTable(names),
    files.resolver(resolver),
  ];

  const client: LabHostSpec = {
    name: 'client1',
    role: 'client',
    kind: kinds.client,
    memoryMb: 128,
    interfaces: [outside(CIP)],
    routes: [],
    services: ['ssh'],
    files: common('client1', INFRA_OUTSIDE),
  };
  const infrastructure: LabHostSpec = {
    name: 'infra',
    role: 'infrastructure',
    kind: kinds.infrastructure,
    memoryMb: 128,
    interfaces: [outside(INFRA_OUTSIDE), inside('eth1', INFRA_INSIDE)],
    routes: [],
    services: ['ssh', 'dnsmasq', 'chrony'],
    files: [
      ...common('infra', '127.0.0.1'),
      files.nameServer({ 'www.example.com': VIP, ...names }),
      files.chronyServer(['192.168.122.0/24', '10.10.10.0/24']),
      // A real server's question to 192.168.122.2 comes in by way of the director and is answered straight.
      files.sysctls({ 'net.ipv4.conf.all.rp_filter': 0, 'net.ipv4.ip_forward': 0 }),
    ],
  };
  const director: LabHostSpec = {
    name: 'director1',
    role: 'director',
    kind: kinds.director,
    memoryMb: 256,
    interfaces: [outside(DIRECTOR, `${VIP}/32`), inside('eth1', DIP)],
    routes: [],
    services: ['ssh', 'chrony'],
    files: [
      ...common('director1', INFRA_OUTSIDE),
      files.chronyClient(INFRA_OUTSIDE),
      files.sysctls({ 'net.ipv4.ip_forward': 1 }),
    ],
  };
  const webHosts = realServers.map(({ name, address }): LabHostSpec => ({
    name,
    role: 'real-server',
    kind: kinds['real-server'],
    memoryMb: 160,
    interfaces: [inside('eth0', address)],
    gateway: DIP,
    routes: [],
    services: ['ssh', 'nginx', 'chrony'],
    files: [
      ...common(name, INFRA_INSIDE),
      files.chronyClient(INFRA_INSIDE),
      files.webServer(name),
      files.sysctls({ 'net.core.somaxconn': 4096, 'net.ipv4.tcp_max_syn_backlog': 4096 }),
    ],
  }));

  return {
    name: 'nat',
    bridges: ['clients', 'servers'],
    hosts: [client, infrastructure, director, ...webHosts],
    client: 'client1',
    infrastructure: 'infra',
    addresses: names,
    jumps: Object.fromEntries(realServers.map(({ name }) => [name, 'director1'])),
    cluster: ({ name, clientNetns, sshConfig }) => ({
      version: 1,
      name,
      environment: 'lab',
      ssh: { config: sshConfig, user: 'ops', become: 'sudo' },
      directors: [{ name: 'director1', dip: DIP, interface: 'eth1', vip_interface: 'eth0' }],
      real_servers: realServers.map((server) => ({
        name: server.name,
        jump: 'director1',
        rip: server.address,
        interface: 'eth0',
        weight: 1,
      })),
      clients: [{ name: 'client1', host: 'localhost', netns: clientNetns, cip: CIP, interface: 'eth0' }],
      dns: [{ name: 'www.example.com', address: VIP, server: INFRA_OUTSIDE }],
      virtual_services: [
        {
          name: 'web',
          vip: VIP,
          port: 80,
          protocol: 'tcp',
          forwarding: 'nat',
          scheduler: 'rr',
          real_servers: 'all',
          health: { http: '/', expect: 200 },
          identify_by: { header: 'X-Real-Server' },
        },
      ],
      rules: { managed_by: 'ipvsadm' },
      load: { profiles: { smoke: { mode: 'ab', requests: 2000, concurrency: 50 } } },
      thresholds: [{ load: 'smoke', metric: 'errors.rate', max: '0.1%' }],
    }),
  };
}
