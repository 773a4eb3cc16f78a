/** Run records for the golden files, made the same each time: no clock, no randomness. */
import type { Evidence } from '../../lib/model/evidence.ts';
import type { Distribution } from '../../lib/model/distribution.ts';
import type { LatencySummary, LoadResult } from '../../lib/model/load-result.ts';
import type { Sampling, TableCount } from '../../lib/model/sampling.ts';
import type { RunRecord } from '../../lib/model/run-record.ts';
import type { Outcome, Verdict } from '../../lib/model/verdict.ts';

const realServers = ['rs1', 'rs2', 'rs3'] as const;
const addresses: Readonly<Record<string, string>> = {
  director1: '192.168.122.10',
  rs1: '10.10.10.10',
  rs2: '10.10.10.20',
  rs3: '10.10.10.30',
  client1: '192.168.122.1',
};

/** The stages of a run in which nothing failed; every other record is this one with something changed. */
export function healthy(): RunRecord {
  return {
    format: 'ipvet-run/1',
    id: '20261122T200102Z-7f3a',
    tool: { version: '0.1.0' },
    command: 'accept',
    cluster: {
      name: 'web-lvs',
      environment: 'preprod',
      hosts: [
        { name: 'director1', role: 'director', address: '192.168.122.10' },
        ...realServers.map((name) => ({ name, role: 'real-server' as const, address: addresses[name] ?? '' })),
        { name: 'client1', role: 'client', address: '192.168.122.1' },
      ],
      services: [
        {
          name: 'web',
          vip: '192.168.122.100',
          port: 80,
          protocol: 'tcp',
          forwarding: 'nat',
          scheduler: 'rr',
          realServers: realServers.map((name) => ({ name, address: `${addresses[name] ?? ''}:80`, weight: 1 })),
        },
      ],
    },
    startedAt: '2026-11-22T20:01:02.000Z',
    endedAt: '2026-11-22T20:01:29.400Z',
    verdict: 'pass',
    exitCode: 0,
    restored: true,
    problems: [],
    verdicts: healthyVerdicts(),
    diagnoses: [],
    load: [healthyLoad()],
    samples: { web: healthySampling() },
    ends: {
      web: [
        { host: 'client1', role: 'client', counts: { begun: 2001, synRetransmits: 2 } },
        {
          host: 'rs1',
          role: 'real-server',
          counts: { accepted: 668, listenDrops: 0, packetsIn: 4021, packetsDelivered: 4021 },
        },
        { host: 'rs2', role: 'real-server', problem: 'rs2 does not say what its TCP counts (/proc/net/snmp)' },
      ],
    },
    distribution: [healthyDistribution()],
    failovers: [],
    changes: [
      {
        host: 'director1',
        what: 'virtual service web 192.168.122.100:80 rr with 3 real servers',
        command: 'ipvsadm -R < rules',
        undo: 'ipvsadm -R < /run/ipvet/20261122T200102Z-7f3a/before',
        undone: true,
      },
    ],
    hosts: [
      contact('director1', 'director', 412),
      ...realServers.map((name, index) => contact(name, 'real-server', 655 + 31 * index)),
      contact('client1', 'client', 38),
    ],
    stages: [
      { name: 'plan', durationMs: 12 },
      { name: 'collect', durationMs: 1840 },
      { name: 'judge', durationMs: 31 },
      { name: 'apply', durationMs: 690 },
      { name: 'load', durationMs: 17_450 },
      { name: 'settle', durationMs: 2300 },
      { name: 'restore', durationMs: 480 },
    ],
  };
}

function contact(name: string, role: RunRecord['hosts'][number]['role'], factsMs: number): RunRecord['hosts'][number] {
  return {
    name,
    role,
    reachable: true,
    user: 'ops',
    os: 'Debian GNU/Linux 12 (bookworm)',
    kernel: '6.1.176',
    factsMs,
  };
}

export function ran(host: string, command: string, output: string): Evidence {
  return { host, command, output, exitCode: 0 };
}

type Row = Pick<Verdict, 'check' | 'title'> &
  Partial<Verdict> & { readonly hosts: readonly string[]; readonly service?: string };

const everyHost = ['director1', ...realServers, 'client1'];

const catalogue: readonly Row[] = [
  {
    check: 'network/hostname',
    title: 'Host calls itself what the cluster file calls it',
    severity: 'recommended',
    hosts: everyHost,
  },
  { check: 'network/hosts-file', title: 'All hosts agree on the names of the cluster', hosts: everyHost },
  { check: 'network/time-sync', title: 'Clocks agree', hosts: everyHost },
  { check: 'network/ssh-trust', title: 'Hosts know each other over SSH', severity: 'recommended', hosts: everyHost },
  {
    check: 'network/firewall',
    title: 'Firewall lets the traffic of the VIP through',
    hosts: ['director1', ...realServers],
  },
  { check: 'director/vip', title: 'Director carries the VIP', hosts: ['director1'], service: 'web' },
  { check: 'director/ip-forward', title: 'Director forwards packets, now and after a reboot', hosts: ['director1'] },
  {
    check: 'director/ipvs-support',
    title: 'Kernel, tool and scheduler are there',
    hosts: ['director1'],
    service: 'web',
  },
  {
    check: 'director/rules',
    title: 'Rules in the kernel are the declared ones',
    stage: 'post',
    hosts: ['director1'],
    service: 'web',
  },
  { check: 'real-server/addresses', title: 'Real server has its RIP', hosts: realServers },
  { check: 'real-server/selinux', title: 'SELinux lets the web server serve', hosts: realServers },
  { check: 'real-server/web-service', title: 'Web service answers', hosts: realServers, service: 'web' },
  {
    check: 'real-server/reply-route',
    title: 'Replies to the client go through the director',
    hosts: realServers,
    service: 'web',
  },
  { check: 'client/vip-route', title: 'Client has a route to the VIP', hosts: ['client1'], service: 'web' },
  { check: 'client/limits', title: 'Open files and ports are enough for the load', hosts: ['client1'] },
  {
    check: 'traffic/lost-requests',
    title: 'Every request is answered',
    stage: 'traffic',
    hosts: ['director1'],
    service: 'web',
  },
  {
    check: 'traffic/reconciliation',
    title: 'Client, director and real servers count the same connections',
    stage: 'traffic',
    hosts: ['director1'],
    service: 'web',
  },
  {
    check: 'traffic/distribution',
    title: 'Connections fall on the real servers as the scheduler promises',
    stage: 'traffic',
    hosts: ['director1'],
    service: 'web',
  },
  {
    check: 'traffic/stuck-connections',
    title: 'No connection stays half open',
    stage: 'traffic',
    hosts: ['director1'],
    service: 'web',
  },
];

function healthyVerdicts(): Verdict[] {
  return catalogue.flatMap(({ hosts, service, ...row }) =>
    hosts.map((host): Verdict => {
      const common = {
        severity: 'mandatory' as const,
        stage: 'pre' as const,
        ...row,
        subject: { host, ...(service === undefined ? {} : { service }) },
        durationMs: 2,
      };
      return row.check === 'real-server/selinux'
        ? { ...common, outcome: 'not-applicable', reason: `${host} has no SELinux`, evidence: [] }
        : { ...common, outcome: 'pass', found: foundBy(row.check, host), evidence: [proof(row.check, host)] };
    }),
  );
}

function foundBy(check: string, host: string): unknown {
  if (check === 'network/time-sync') return { offsetMs: 0.31, errorMs: 0.62, source: 'chrony', synchronised: true };
  if (check === 'real-server/reply-route') return { gateway: '10.10.10.1', interface: 'eth1' };
  return check === 'network/hostname' ? host : true;
}

function proof(check: string, host: string): Evidence {
  if (check === 'real-server/reply-route') {
    return ran(
      host,
      'ip route get 192.168.122.1',
      `192.168.122.1 via 10.10.10.1 dev eth1 src ${addresses[host] ?? ''} uid 0\n    cache`,
    );
  }
  if (check === 'network/time-sync')
    return ran(host, 'chronyc tracking', 'Reference ID    : C0A87A01\nLeap status     : Normal');
  return ran(
    host,
    'hostname; ip -brief addr',
    `${host}\nlo   UNKNOWN  127.0.0.1/8\neth1 UP       ${addresses[host] ?? ''}/24`,
  );
}

/** The verdicts with some replaced: `check@host` → what is different. */
export function judged(verdicts: readonly Verdict[], changes: Readonly<Record<string, Partial<Verdict>>>): Verdict[] {
  return verdicts.map((verdict) => ({ ...verdict, ...changes[`${verdict.check}@${verdict.subject.host ?? ''}`] }));
}

/** What was planned and not judged, or not to be judged: nothing found, nothing quoted. */
export function without(
  outcome: Extract<Outcome, 'error' | 'not-run' | 'not-applicable'>,
  verdict: Verdict,
  reason: string,
): Verdict {
  const { check, title, severity, stage, subject } = verdict;
  return { check, title, severity, stage, subject, outcome, reason, evidence: [], durationMs: 0 };
}

/** A log-normal-like histogram: most at `midMs`, a tail to `maxMs`. */
export function latency(n: number, midMs: number, maxMs: number): LatencySummary {
  const edges = Array.from({ length: 24 }, (_, index) => (midMs / 3) * (maxMs / (midMs / 3)) ** (index / 23));
  const weights = edges.map((edge) => Math.exp(-((Math.log(edge / midMs) / 0.55) ** 2)) + 0.004);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const buckets = edges.map((edge, index) => [round(edge), Math.round(((weights[index] ?? 0) / sum) * n)] as const);
  return {
    count: n,
    minMs: round(midMs / 3.2),
    meanMs: round(midMs * 1.16),
    p50Ms: round(midMs),
    p90Ms: round(midMs * 1.9),
    p99Ms: round(maxMs * 0.55),
    maxMs: round(maxMs),
    buckets,
  };
}

function healthyLoad(): LoadResult {
  return {
    service: 'web',
    profile: 'acceptance',
    engine: 'connection',
    client: 'client1',
    source: '192.168.122.1',
    url: 'http://192.168.122.100:80/',
    startedAt: '2026-11-22T20:01:06.100Z',
    durationMs: 16_920,
    requested: 20_000,
    sent: 20_000,
    answered: 20_000,
    failed: 0,
    connections: 20_000,
    rateRps: 1182,
    errors: { rate: 0, byKind: {}, examples: [] },
    answersByRealServer: { rs1: 6667, rs2: 6667, rs3: 6666 },
    unattributed: 0,
    connect: latency(20_000, 0.62, 14.1),
    total: latency(20_000, 2.4, 48.7),
    timeline: Array.from({ length: 17 }, (_, second) => ({
      atMs: second * 1000,
      answered: second === 16 ? 1087 : 1150 + ((second * 37) % 90),
      failed: 0,
      p50Ms: 2.3 + ((second * 7) % 5) / 10,
      p99Ms: 11 + ((second * 13) % 9),
    })),
    generator: {
      cpuShare: 0.41,
      eventLoopDelayP99Ms: 3.2,
      descriptors: { limit: 1_048_576, mostOpen: 50 },
      ports: { perSource: 28_232, sources: 2, timeWaitMost: 1200 },
    },
    synRetransmits: { handshakes: [{ afterS: 1, connections: 2 }], kernelCount: 2 },
    control: {
      requests: 200,
      concurrency: 5,
      runs: [
        {
          url: 'http://192.168.122.100:80/',
          answered: 200,
          failed: 0,
          connect: latency(200, 0.6, 3),
          total: latency(200, 1.4, 6),
        },
        {
          realServer: 'rs1',
          url: 'http://10.10.10.10:80/',
          answered: 200,
          failed: 0,
          connect: latency(200, 0.4, 2),
          total: latency(200, 1.1, 5),
        },
        {
          realServer: 'rs2',
          url: 'http://10.10.10.20:80/',
          answered: 0,
          failed: 5,
          problem: 'not reached from client1: connect-timeout',
        },
      ],
    },
  };
}

function healthySampling(): Sampling {
  const samples = Array.from({ length: 35 }, (_, index) => {
    const counts = realServers.flatMap((name, server): TableCount[] => {
      const destination = `${addresses[name] ?? ''}:80`;
      const grown = Math.min(index, 34) * 190;
      return [
        { destination, state: 'ESTABLISHED', entries: 4 + ((index + server) % 5), stuck: 0 },
        { destination, state: 'SYN_RECV', entries: (index * (server + 1)) % 3, stuck: 0 },
        { destination, state: 'TIME_WAIT', entries: Math.round(grown * (0.97 + 0.01 * server)), stuck: 0 },
      ];
    });
    return {
      atMs: index * 500,
      counts,
      entries: counts.reduce((sum, { entries }) => sum + entries, 0),
      costMs: 2.1 + (index % 4),
    };
  });
  return {
    service: 'web',
    host: 'director1',
    intervalMs: 500,
    samples,
    gaps: [],
    costShare: 0.0068,
    budgetShare: 0.02,
    resolutionMs: { median: 500, longest: 523 },
    levels: {
      intervalMs: 250,
      destinations: realServers.map((name) => `${addresses[name] ?? ''}:80`),
      rows: Array.from({ length: 69 }, (_, index) => [
        index * 250,
        ...realServers.flatMap((_name, server) => [4 + ((index + server) % 5), index * 95]),
      ]),
      totals: Array.from({ length: 69 }, (_, index) => [index * 250, index * 294, index * 1400, index * 1100, 0, 0]),
    },
    counters: realServers.map((name, index) => ({
      destination: `${addresses[name] ?? ''}:80`,
      connections: index === 2 ? 6666 : 6667,
      inPackets: 33_335,
      outPackets: 26_668,
      inBytes: 2_733_470,
      outBytes: 5_600_280,
    })),
  };
}

function healthyDistribution(): Distribution {
  return {
    service: 'web',
    scheduler: 'rr',
    basis: 'director-counters',
    expected: { rs1: 1 / 3, rs2: 1 / 3, rs3: 1 / 3 },
    observed: { rs1: 0.33335, rs2: 0.33335, rs3: 0.3333 },
    counts: { rs1: 6667, rs2: 6667, rs3: 6666 },
    pValue: 0.99996,
    chiSquare: 0.0001,
    largestDeviation: 0.00003,
    n: 20_000,
    method: 'exact',
    bounds: { rs1: [0.3333, 0.33335], rs2: [0.3333, 0.33335], rs3: [0.3333, 0.33335] },
    effectSize: 0.00007,
    sample: { unit: 'connection', size: 20_000, needed: 15 },
    outcome: 'pass',
    reason: 'the counts are exactly what rr promises over 20000 connections',
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
