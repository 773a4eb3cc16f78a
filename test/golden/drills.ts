/** Drills as `ipvet failover` records them, made the same each time: on a pair of directors with VS/DR and `advert_int 1`. */
import { bucketsOf, outageOf, phasesOf } from '../../lib/failover/outage.ts';
import type { Failover, Prediction, Probe, TimelineEntry } from '../../lib/model/failover.ts';
import type { RunRecord } from '../../lib/model/run-record.ts';
import { healthy } from './records.ts';

const vip = '192.168.122.100';
const servers = ['10.10.10.10:80', '10.10.10.20:80', '10.10.10.30:80'];
/** Probes are begun so often, from 2 s before the step on. */
const everyMs = 10;

interface Story {
  readonly scenario: Failover['scenario'];
  readonly hosts: readonly string[];
  readonly what: string;
  readonly undo: string;
  readonly undoneMs: number;
  readonly endMs: number;
  /** Which probes fail, and how; the others are answered. */
  readonly failed: (atMs: number) => Exclude<Probe['outcome'], 'answered'> | undefined;
  readonly reactedMs?: number;
  readonly backMs?: number;
  readonly predicted: Prediction;
  readonly predictedBack: Prediction;
  readonly moves: readonly (readonly [atMs: number, host: string, kind: TimelineEntry['kind'], value: string])[];
  readonly owner?: string;
  readonly change?: Partial<Failover>;
}

const range = (minMs: number, maxMs: number) => ({ minMs, maxMs });
const keptAddress: Prediction = {
  reaction: range(2609.375, 4109.375),
  outage: range(0, 500),
  because: [
    '3 x advert_int 1000 ms and a skew of 609 ms, less the time since the last advert',
    'the old director keeps VIP and rules and goes on forwarding until neighbours hear of the new one',
  ],
};
const preempted: Prediction = {
  reaction: range(414.0625, 5414.0625),
  outage: range(0, 500),
  because: [
    'start of keepalived, then up to 3 x advert_int and a skew of 414 ms',
    'the old master gives the VIP up when it hears an advert of higher priority',
  ],
};

function told(story: Story): Failover {
  const { undoneMs, endMs } = story;
  const probes: Probe[] = [];
  for (let atMs = -2000; atMs < endMs; atMs += everyMs) {
    const kind = atMs < 0 ? undefined : story.failed(atMs);
    probes.push(
      kind === undefined
        ? { atMs, outcome: 'answered', tookMs: 1.4, server: `rs${(Math.abs(atMs / everyMs) % 3) + 1}` }
        : { atMs, outcome: kind, tookMs: kind === 'connect-timeout' ? 900 : 0.8 },
    );
  }
  const judged = probes.filter(({ atMs }) => atMs >= 0);
  const way = (fromMs: number, toMs: number, reactedMs: number | undefined, owner: string | undefined) => ({
    beganMs: fromMs,
    endedMs: toMs,
    ...outageOf(probes, fromMs, toMs),
    ...(owner === undefined ? {} : { owner }),
    phases: phasesOf(probes, { fromMs: fromMs + 40, toMs, ...(reactedMs === undefined ? {} : { reactedMs }) }),
  });
  const entry = (atMs: number, host: string, kind: TimelineEntry['kind'], value: string): TimelineEntry => ({
    atMs,
    errorMs: kind === 'step' || kind === 'undo' ? 60 : kind === 'destinations' ? 310 : 12,
    host,
    kind,
    value,
  });
  return {
    scenario: story.scenario,
    service: 'web',
    load: 'low',
    hosts: story.hosts,
    repeat: 1,
    of: 1,
    startedAt: '2026-11-22T20:31:00.000Z',
    outcome: 'pass',
    takeover: { ...way(0, undoneMs, story.reactedMs, story.owner ?? 'director2'), predicted: story.predicted },
    failback: { ...way(undoneMs, endMs, story.backMs, 'director1'), predicted: story.predictedBack },
    connections: { survived: 8, reset: 0, hung: 0, endedMs: [] },
    sorry: 0,
    availability: judged.filter(({ outcome }) => outcome === 'answered').length / judged.length,
    timeline: [
      ...['director1', 'director2'].map((host) => entry(-1900, host, 'destinations', servers.join(' '))),
      ...[-1900, 200, 2300, 4400, 6500, 8600]
        .filter((atMs) => atMs < endMs)
        .map((atMs, index) => entry(atMs, 'director2', 'synced-entries', String(184 + 210 * index))),
      ...story.hosts.flatMap((host) => [entry(0, host, 'step', story.what), entry(undoneMs, host, 'undo', story.undo)]),
      ...story.moves.map(([atMs, host, kind, value]) => entry(atMs, host, kind, value)),
    ].toSorted((one, other) => one.atMs - other.atMs),
    client: bucketsOf(probes, -2000, endMs),
    loadAverage: 0.42,
    ...story.change,
  };
}

/** The master says that it goes; the other one takes the VIP after its skew. */
function stopped(repeat: number, of: number, goneMs: number): Failover {
  return told({
    scenario: 'stop-keepalived',
    hosts: ['director1'],
    what: 'stop keepalived',
    undo: 'systemctl start keepalived',
    undoneMs: 4300,
    endMs: 9800,
    failed: (atMs) => (atMs >= 60 && atMs < 60 + goneMs ? (atMs < 80 ? 'reset' : 'connect-timeout') : undefined),
    reactedMs: goneMs - 30,
    backMs: 6900,
    predicted: {
      reaction: range(609.375, 1109.375),
      outage: range(609.375, 1109.375),
      because: ['an advert of priority 0, then a skew of (256 - 100) / 256: 609 ms'],
    },
    predictedBack: preempted,
    moves: [
      [50, 'director1', 'vip-removed', vip],
      [250, 'director1', 'destinations', ''],
      [goneMs - 30, 'director2', 'vip-added', vip],
      [6600, 'director1', 'destinations', servers.join(' ')],
      [6900, 'director1', 'vip-added', vip],
      [6940, 'director2', 'vip-removed', vip],
    ],
    change: { repeat, of },
  });
}

/** It keeps the VIP and forwards on, so that both have it. */
function killed(): Failover {
  return told({
    scenario: 'kill-keepalived',
    hosts: ['director1'],
    what: 'kill keepalived (SIGKILL)',
    undo: 'systemctl start keepalived',
    undoneMs: 6100,
    endMs: 11_400,
    failed: () => undefined,
    reactedMs: 3740,
    backMs: 8800,
    predicted: keptAddress,
    predictedBack: preempted,
    moves: [
      [3740, 'director2', 'vip-added', vip],
      [8850, 'director2', 'vip-removed', vip],
    ],
  });
}

/** Entries of former connections lead a third of the new ones to the real server that is out of the table. */
function silent(): Failover {
  const restServers = servers.slice(1).join(' ');
  return told({
    scenario: 'real-server-down',
    hosts: ['rs1'],
    what: 'be silent on tcp port 80',
    undo: 'iptables -D INPUT -p tcp --dport 80 -j DROP',
    undoneMs: 14_200,
    endMs: 19_900,
    failed: (atMs) => (atMs >= 60 && atMs < 12_500 && (atMs / everyMs) % 3 === 0 ? 'connect-timeout' : undefined),
    reactedMs: 5640,
    backMs: 16_300,
    predicted: {
      reaction: range(5000, 7500),
      outage: range(5000, 7500),
      because: ['delay_loop 2000 ms, then 2 x connect_timeout 2000 ms and 1 x delay_before_retry 1000 ms'],
    },
    predictedBack: {
      reaction: range(0, 0),
      outage: range(0, 500),
      because: ['a real server that answers is put back by its next check'],
    },
    moves: [
      [5640, 'director1', 'destinations', restServers],
      [5720, 'director2', 'destinations', restServers],
      [16_300, 'director1', 'destinations', servers.join(' ')],
      [16_450, 'director2', 'destinations', servers.join(' ')],
    ],
    owner: 'director1',
    change: {
      outcome: 'warn',
      reason: 'the service was gone for 12440 ms, and the configuration lets expect 7500 ms at most',
      connections: { survived: 5, reset: 2, hung: 1, endedMs: [4810, 4930, 5200] },
    },
  });
}

/** Nobody takes over: the adverts of the master are still heard by another way. */
function unnoticed(): Failover {
  return told({
    scenario: 'vrrp-partition',
    hosts: ['director2'],
    what: 'drop VRRP adverts (protocol 112)',
    undo: 'iptables -D INPUT -p 112 -j DROP',
    undoneMs: 12_000,
    endMs: 15_000,
    failed: () => undefined,
    predicted: keptAddress,
    predictedBack: {
      reaction: range(0, 0),
      outage: range(0, 500),
      because: ['the director of lower priority gives the VIP up when it hears the other again'],
    },
    moves: [],
    owner: 'director1',
    change: { outcome: 'fail', reason: 'no other director took the VIP from director1 within 12.0 s' },
  });
}

/** Each way a drill can come out, one scenario three times. */
export function drills(): readonly Failover[] {
  return [stopped(1, 3, 640), stopped(2, 3, 930), stopped(3, 3, 620), killed(), silent(), unnoticed()];
}

/** A run of `ipvet failover` on a pair. */
export function failoverRun(failovers: readonly Failover[] = drills()): RunRecord {
  const record = healthy();
  const [director, ...others] = record.cluster.hosts;
  if (director === undefined) throw new RangeError('the cluster has a director');
  const failed = failovers.some(({ outcome }) => outcome === 'fail');
  return {
    ...record,
    id: '20261122T203100Z-ha01',
    command: 'failover',
    cluster: {
      ...record.cluster,
      hosts: [director, { name: 'director2', role: 'director', address: '192.168.122.9' }, ...others],
      services: record.cluster.services.map((service) => ({ ...service, forwarding: 'dr' })),
    },
    startedAt: '2026-11-22T20:30:48.000Z',
    endedAt: '2026-11-22T20:33:12.000Z',
    verdict: failed ? 'fail' : 'pass',
    exitCode: failed ? 1 : 0,
    verdicts: [],
    load: [],
    samples: {},
    ends: {},
    distribution: [],
    failovers,
    changes: failovers.flatMap(({ hosts, timeline }) =>
      hosts.map((host) => {
        const said = (kind: TimelineEntry['kind']) => timeline.find((one) => one.kind === kind)?.value ?? '';
        return { host, what: said('step'), command: said('step'), undo: said('undo'), undone: true };
      }),
    ),
    hosts: [],
    stages: [
      { name: 'stable', durationMs: 2210 },
      { name: 'lock', durationMs: 840 },
      ...failovers.map(({ scenario, repeat, of, failback }) => ({
        name: `${scenario} low ${repeat}/${of}`,
        durationMs: failback.endedMs + 4000,
      })),
    ],
  };
}
