/** The runs the golden files show: one that passed, and each way a run can end otherwise. */
import type { Sampling } from '../../lib/model/sampling.ts';
import type { RunRecord } from '../../lib/model/run-record.ts';
import { failoverRun } from './drills.ts';
import { hostile } from './hostile.ts';
import { healthy, judged, latency, ran, without } from './records.ts';

const cases: Readonly<Record<string, () => RunRecord>> = {
  healthy,
  'nat-rs-gateway': natRsGateway,
  unreachable,
  hostile: () => hostile(natRsGateway()),
  interrupted,
  failover: failoverRun,
  empty,
};

export const caseNames = Object.keys(cases);

export function caseNamed(name: string): RunRecord {
  const make = cases[name];
  if (make === undefined) throw new RangeError(`there is no case ${name}`);
  return make();
}

/** rs2 sends its replies to another router than the director: its connections stay in SYN_RECV. */
function natRsGateway(): RunRecord {
  const record = healthy();
  const [load] = record.load;
  const [distribution] = record.distribution;
  const { web } = record.samples;
  if (load === undefined || distribution === undefined || web === undefined)
    throw new RangeError('the healthy record has all three');
  const route = ran(
    'rs2',
    'ip route get 192.168.122.1',
    '192.168.122.1 via 10.10.10.254 dev eth1 src 10.10.10.20 uid 0\n    cache',
  );
  const table = ran(
    'director1',
    "grep -c '10.10.10.20:80.*SYN_RECV' <(ipvsadm -Lcn)",
    'TCP 00:41  SYN_RECV    192.168.122.1:41022 192.168.122.100:80 10.10.10.20:80\nTCP 00:41  SYN_RECV    192.168.122.1:41028 192.168.122.100:80 10.10.10.20:80\nTCP 00:42  SYN_RECV    192.168.122.1:41034 192.168.122.100:80 10.10.10.20:80',
  );
  const remedy = {
    host: 'rs2',
    summary: 'Make the director (DIP 10.10.10.1) the default gateway of rs2',
    commands: ['ip route replace default via 10.10.10.1 dev eth1'],
    persistent: ["sed -i 's/^\\( *gateway\\) .*/\\1 10.10.10.1/' /etc/network/interfaces", 'ifup --no-act eth1'],
    undo: ['ip route replace default via 10.10.10.254 dev eth1'],
  };
  return {
    ...record,
    id: '20261122T203011Z-c2d1',
    verdict: 'fail',
    exitCode: 1,
    startedAt: '2026-11-22T20:30:11.000Z',
    endedAt: '2026-11-22T20:30:52.300Z',
    verdicts: judged(record.verdicts, {
      'real-server/reply-route@rs2': {
        outcome: 'fail',
        reason: 'rs2 sends replies for 192.168.122.1 to 10.10.10.254, not to the director (10.10.10.1)',
        found: { gateway: '10.10.10.254', interface: 'eth1', source: '10.10.10.20' },
        expected: { gateway: '10.10.10.1', interface: 'eth1', source: '10.10.10.20' },
        evidence: [route],
        remedy,
      },
      'traffic/lost-requests@director1': {
        outcome: 'fail',
        reason: '666 of 2,000 requests to web were not answered (connect-timeout 666)',
        found: 666,
        expected: 0,
        evidence: [],
      },
      'traffic/stuck-connections@director1': {
        outcome: 'fail',
        reason:
          '50 connections to 10.10.10.20:80 stayed in SYN_RECV for more than 3 s while the director itself could fetch the page of rs2',
        found: { destination: '10.10.10.20:80', stuck: 50 },
        expected: { stuck: 0 },
        evidence: [table],
      },
      'network/ssh-trust@rs3': {
        outcome: 'warn',
        reason: 'rs3 allows password logins',
        found: 'passwordauthentication yes',
        expected: 'passwordauthentication no',
        evidence: [ran('rs3', 'sshd -T', 'passwordauthentication yes')],
      },
      'director/ip-forward@director1': {
        outcome: 'fail',
        reason: 'director1 forwards now, and will not after a reboot: no file sets net.ipv4.ip_forward',
        found: { 'net.ipv4.ip_forward': '1', persisted: 'nowhere' },
        expected: { 'net.ipv4.ip_forward': '1', persisted: '1' },
        evidence: [ran('director1', 'sysctl net.ipv4.ip_forward', 'net.ipv4.ip_forward = 1')],
        remedy: {
          host: 'director1',
          summary: 'Persist forwarding',
          commands: [
            "printf 'net.ipv4.ip_forward = 1\\n' > /etc/sysctl.d/90-ipvet.conf",
            'sysctl -p /etc/sysctl.d/90-ipvet.conf',
          ],
          undo: ['rm /etc/sysctl.d/90-ipvet.conf'],
        },
      },
      'network/hostname@client1': {
        outcome: 'waived',
        reason: 'client1 calls itself build7 (waived: shared CI machine)',
        found: 'build7',
        expected: 'client1',
      },
    }),
    diagnoses: [
      {
        cause: 'nat-rs-gateway-not-director',
        summary:
          "The gateway of rs2 towards the client is 10.10.10.254, not the director's 10.10.10.1, so its replies never pass the director",
        host: 'rs2',
        service: 'web',
        certainty: 'certain',
        because: [
          'rs2 routes 192.168.122.1 via 10.10.10.254 on eth1',
          '666 of 667 connections to 10.10.10.20:80 stayed in SYN_RECV, and the director saw no packet come back from it (OutPkts 0)',
          'director1 itself fetches http://10.10.10.20:80/ in 1.2 ms, so the web service of rs2 is up',
          'rs1 and rs3 route through 10.10.10.1 and answered every connection',
        ],
        evidence: [route, table],
        remedy,
        ruledOut: [
          { cause: 'rs-service-down', because: 'director1 gets 200 from rs2 around IPVS' },
          { cause: 'rs-no-default-route', because: 'rs2 has a default route' },
          { cause: 'firewall-drops-vip', because: 'no rule of rs2 matches port 80' },
        ],
        explains: [
          'real-server/reply-route@rs2/web',
          'traffic/lost-requests@director1/web',
          'traffic/stuck-connections@director1/web',
        ],
      },
    ],
    load: [
      {
        ...load,
        profile: 'smoke',
        startedAt: '2026-11-22T20:30:15.000Z',
        durationMs: 28_400,
        requested: 2000,
        sent: 2000,
        answered: 1334,
        failed: 666,
        connections: 2000,
        rateRps: 46.97,
        errors: {
          rate: 0.333,
          byKind: { 'connect-timeout': 666 },
          examples: [
            { kind: 'connect-timeout', localPort: 41022, atMs: 3004, message: 'no SYN-ACK within 3 s' },
            { kind: 'connect-timeout', localPort: 41028, atMs: 3006, message: 'no SYN-ACK within 3 s' },
          ],
        },
        answersByRealServer: { rs1: 667, rs3: 667 },
        connect: latency(1334, 0.7, 9.4),
        total: latency(1334, 2.6, 31),
        timeline: Array.from({ length: 29 }, (_, second) => ({
          atMs: second * 1000,
          answered: second % 3 === 0 ? 120 : 12,
          failed: second >= 3 && second % 3 === 0 ? 74 : 0,
          ...(second === 5 ? {} : { p50Ms: 2.5, p99Ms: 14 + (second % 4) }),
        })),
      },
    ],
    samples: { web: stuckSampling(web) },
    distribution: [
      {
        ...distribution,
        counts: { rs1: 667, rs2: 666, rs3: 667 },
        observed: { rs1: 0.3335, rs2: 0.333, rs3: 0.3335 },
        pValue: 0.9995,
        n: 2000,
        bounds: { rs1: [0.333, 0.3335], rs2: [0.333, 0.3335], rs3: [0.333, 0.3335] },
        sample: { unit: 'connection', size: 2000, needed: 15 },
        limits: ['2 connections are of other clients, so each count may be off by as many'],
        reason: 'observed shares agree with rr; connections to rs2 were counted although they were never answered',
      },
    ],
  };
}

/** rs2 (10.10.10.20) fills with SYN_RECV; one gap, as when the director was too busy to answer. */
function stuckSampling(sampling: Sampling): Sampling {
  const samples = sampling.samples
    .filter(({ atMs }) => atMs < 9000 || atMs > 11_500)
    .map((sample) => ({
      ...sample,
      counts: sample.counts.flatMap((one) => {
        if (one.destination !== '10.10.10.20:80') return [{ ...one, entries: Math.round(one.entries / 9) }];
        return one.state === 'SYN_RECV'
          ? [
              {
                ...one,
                entries: Math.min(666, Math.round(sample.atMs / 22)),
                stuck: Math.max(0, Math.min(666, Math.round((sample.atMs - 3000) / 22))),
              },
            ]
          : [];
      }),
    }));
  const { levels, ...rest } = sampling;
  return {
    ...rest,
    ...(levels === undefined ? {} : { levels: { ...levels, rows: levels.rows.slice(0, 34), totals: [] } }),
    samples,
    gaps: [{ fromMs: 8500, toMs: 12_000, reason: 'the sampler answered late' }],
    resent: [{ destination: '10.10.10.20:80', connections: 640, packets: 2410 }],
  };
}

/** rs3 cannot be reached: what was to be judged on it has no answer, and nothing after it ran. */
function unreachable(): RunRecord {
  const record = healthy();
  const problem = {
    code: 'SSH_TIMEOUT',
    message: 'rs3 (10.10.10.30:22) did not answer within 5 s',
    hint: 'check that the host is up and that director1 lets ssh through: ssh -J director1 ops@10.10.10.30',
  };
  return {
    ...record,
    id: '20261122T204500Z-11ab',
    command: 'check',
    verdict: 'inconclusive',
    exitCode: 3,
    verdicts: record.verdicts
      .filter(({ stage }) => stage === 'pre')
      .map((verdict) =>
        verdict.subject.host === 'rs3'
          ? { ...without('error', verdict, problem.message), hint: problem.hint }
          : verdict,
      ),
    load: [],
    samples: {},
    ends: {},
    distribution: [],
    changes: [],
    hosts: record.hosts.map((host) =>
      host.name === 'rs3' ? { name: host.name, role: host.role, reachable: false, error: problem } : host,
    ),
    stages: [
      { name: 'plan', durationMs: 11 },
      { name: 'collect', durationMs: 5012 },
      { name: 'judge', durationMs: 24 },
    ],
  };
}

/** Ctrl-C while the load ran: what was not judged is `not-run`, the rules were taken back. */
function interrupted(): RunRecord {
  const record = healthy();
  return {
    ...record,
    id: '20261122T211500Z-90fe',
    verdict: 'inconclusive',
    exitCode: 130,
    interrupted: 'signal',
    endedAt: '2026-11-22T20:01:14.000Z',
    verdicts: record.verdicts.map((verdict) =>
      verdict.stage === 'traffic'
        ? without('not-run', verdict, 'planned, and the run ended before it was looked at')
        : verdict,
    ),
    load: record.load.map((load) => ({
      ...load,
      sent: 5210,
      answered: 5160,
      failed: 0,
      durationMs: 4410,
      timeline: load.timeline.slice(0, 5),
      stopped: 'interrupted' as const,
    })),
    samples: Object.fromEntries(
      Object.entries(record.samples).map(([name, sampling]) => [
        name,
        { ...sampling, samples: sampling.samples.slice(0, 1) },
      ]),
    ),
    distribution: [],
    stages: record.stages.slice(0, 5),
  };
}

/** Ended before anything was planned. */
function empty(): RunRecord {
  return {
    ...healthy(),
    id: '20261122T212000Z-0000',
    verdict: 'inconclusive',
    exitCode: 70,
    interrupted: 'internal-error',
    endedAt: '2026-11-22T20:01:02.000Z',
    verdicts: [],
    load: [],
    samples: {},
    ends: {},
    distribution: [],
    changes: [],
    hosts: [],
    stages: [],
  };
}
