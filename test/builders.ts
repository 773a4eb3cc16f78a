/**
 * A healthy VS/NAT cluster and everything its hosts and its load would say, for tests that change one thing and look at
 * what follows. Addresses are those of the lab's `nat` topology.
 */
import type {
  Client,
  Cluster,
  ClusterHost,
  Director,
  LoadProfile,
  RealServer,
  VirtualService,
} from '../lib/model/cluster.ts';
import type { Distribution } from '../lib/model/distribution.ts';
import type { EndReading } from '../lib/model/ends.ts';
import type { LatencySummary, LoadResult } from '../lib/model/load-result.ts';
import type { Sampling, TableSample } from '../lib/model/sampling.ts';

export const vip = '192.168.122.100';
export const cip = '192.168.122.1';
export const dip = '10.10.10.1';

export function aDirector(change: Partial<Director> = {}): Director {
  return {
    role: 'director',
    name: 'director1',
    host: 'lb1.mgmt',
    dip,
    interface: 'eth1',
    vipInterface: 'eth0',
    ...change,
  };
}

/** `rs1` has 10.10.10.10, `rs2` 10.10.10.20, … */
export function aRealServer(number: number, change: Partial<RealServer> = {}): RealServer {
  const rip = `10.10.10.${number * 10}`;
  return { role: 'real-server', name: `rs${number}`, host: rip, jump: 'director1', rip, weight: 1, ...change };
}

export function aClient(change: Partial<Client> = {}): Client {
  return { role: 'client', name: 'client1', host: 'localhost', cip, ...change };
}

export function aService(realServers: readonly RealServer[], change: Partial<VirtualService> = {}): VirtualService {
  return {
    name: 'web',
    vip,
    port: 80,
    protocol: 'tcp',
    forwarding: 'nat',
    scheduler: 'rr',
    persistenceS: 0,
    destinations: realServers.map((realServer) => ({ realServer, port: 80, weight: realServer.weight })),
    health: { httpPath: '/', expectStatus: 200 },
    identifyBy: { kind: 'header', name: 'X-Real-Server' },
    ...change,
  };
}

export function aProfile(change: Partial<LoadProfile> = {}): LoadProfile {
  return {
    name: 'smoke',
    mode: 'ab',
    requests: 300,
    concurrency: 10,
    timeoutMs: 5000,
    abortAfterFailures: 100,
    ...change,
  };
}

/** One director, three real servers, one client, one service `web`. A changed host list is used by the service too. */
export function aCluster(change: Partial<Cluster> = {}): Cluster {
  const realServers = change.realServers ?? [1, 2, 3].map((number) => aRealServer(number));
  return {
    name: 'web-lvs',
    environment: 'lab',
    file: '/etc/ipvet/cluster.yaml',
    ssh: { become: 'sudo', parallel: 16 },
    directors: [aDirector()],
    realServers,
    clients: [aClient()],
    dns: [{ name: 'www.example.com', address: vip }],
    virtualServices: [aService(realServers)],
    rules: { managedBy: 'ipvsadm' },
    loadProfiles: [aProfile()],
    thresholds: [],
    waivers: [],
    checks: { profile: 'standard', custom: [] },
    ...change,
  };
}

/** `aCluster` with its one service changed. */
export function aClusterWith(service: Partial<VirtualService>, change: Partial<Cluster> = {}): Cluster {
  const cluster = aCluster(change);
  return { ...cluster, virtualServices: [aService(cluster.realServers, service)] };
}

/**
 * VS/DR on one segment, 192.168.122.0/24, or VS/TUN to real servers behind the router; addresses are those of the lab's
 * topologies `dr` and `tun`. The client stands behind the router, the default gateway of every host.
 */
export function aDirectCluster(forwarding: 'dr' | 'tun', change: Partial<Cluster> = {}): Cluster {
  const realServers = [1, 2, 3].map((number) => {
    const rip = forwarding === 'dr' ? `192.168.122.${10 + number}` : `10.20.${number}.11`;
    return aRealServer(number, { rip, host: rip, interface: 'eth0' });
  });
  return aCluster({
    directors: [aDirector({ dip: '192.168.122.10', interface: 'eth0', vipInterface: 'eth0' })],
    realServers,
    clients: [aClient({ cip: '172.16.0.2', interface: 'eth0' })],
    virtualServices: [aService(realServers, { forwarding })],
    ...change,
  });
}

export const router = '192.168.122.254';

export function hostNamed(cluster: Cluster, name: string): ClusterHost {
  const host = [...cluster.directors, ...cluster.realServers, ...cluster.clients].find((one) => one.name === name);
  if (host === undefined) throw new Error(`the cluster of this test has no host ${name}`);
  return host;
}

export function aLatency(change: Partial<LatencySummary> = {}): LatencySummary {
  return {
    count: 300,
    minMs: 1,
    meanMs: 3,
    p50Ms: 2,
    p90Ms: 5,
    p99Ms: 9,
    maxMs: 12,
    buckets: [
      [2, 150],
      [5, 120],
      [12, 30],
    ],
    ...change,
  };
}

/** 300 requests, all answered, evenly by rs1, rs2 and rs3. */
export function aLoad(change: Partial<LoadResult> = {}): LoadResult {
  return {
    service: 'web',
    profile: 'smoke',
    engine: 'connection',
    client: 'client1',
    source: cip,
    url: `http://${vip}:80/`,
    startedAt: '2026-11-22T20:00:00.000Z',
    durationMs: 1000,
    requested: 300,
    sent: 300,
    answered: 300,
    failed: 0,
    connections: 300,
    rateRps: 300,
    errors: { rate: 0, byKind: {}, examples: [] },
    answersByRealServer: { rs1: 100, rs2: 100, rs3: 100 },
    unattributed: 0,
    connect: aLatency(),
    total: aLatency(),
    timeline: [{ atMs: 0, answered: 300, failed: 0 }],
    generator: { cpuShare: 0.4, eventLoopDelayP99Ms: 4 },
    ...change,
  };
}

/** One look at the table: `[destination, state, entries, stuck]` a row. */
export function aSample(atMs: number, ...rows: readonly (readonly [string, string, number, number?])[]): TableSample {
  const counts = rows.map(([destination, state, entries, stuck = 0]) => ({ destination, state, entries, stuck }));
  return { atMs, counts, entries: counts.reduce((sum, row) => sum + row.entries, 0), costMs: 2 };
}

/** Three samples and 100 connections on each of three destinations. */
export function aSampling(change: Partial<Sampling> = {}): Sampling {
  const destinations = ['10.10.10.10:80', '10.10.10.20:80', '10.10.10.30:80'];
  return {
    service: 'web',
    host: 'director1',
    intervalMs: 500,
    samples: [500, 1000, 1500].map((atMs) =>
      aSample(atMs, ...destinations.map((destination) => [destination, 'TIME_WAIT', 50] as const)),
    ),
    gaps: [],
    costShare: 0.004,
    counters: destinations.map((destination) => ({
      destination,
      connections: 100,
      inPackets: 500,
      outPackets: 500,
      inBytes: 30_000,
      outBytes: 60_000,
    })),
    ...change,
  };
}

/** Of the client and the real servers of `aCluster`, which got all that the director of `aSampling` sent them. */
export function theEnds(change: Readonly<Record<string, Partial<EndReading>>> = {}): readonly EndReading[] {
  const healthy = { resetsSent: 0, synRetransmits: 0, listenDrops: 0, listenOverflows: 0, requestQueueDrops: 0 };
  return ['client1', 'rs1', 'rs2', 'rs3'].map((host) => ({
    host,
    role: host === 'client1' ? 'client' : 'real-server',
    counts:
      host === 'client1'
        ? { begun: 300, synRetransmits: 0 }
        : { ...healthy, accepted: 100, packetsIn: 500, packetsDelivered: 500, packetsForwarded: 0 },
    halfOpen: 0,
    ...change[host],
  }));
}

export function aDistribution(change: Partial<Distribution> = {}): Distribution {
  const third = { rs1: 1 / 3, rs2: 1 / 3, rs3: 1 / 3 };
  return {
    service: 'web',
    scheduler: 'rr',
    basis: 'director-counters',
    expected: third,
    observed: third,
    counts: { rs1: 100, rs2: 100, rs3: 100 },
    pValue: 1,
    chiSquare: 0,
    largestDeviation: 0,
    n: 300,
    outcome: 'pass',
    reason: 'The shares are those rr promises',
    ...change,
  };
}
