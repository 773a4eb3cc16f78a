/** One drill: the cluster is stable, one thing is done to it, clients are watched, it is taken back, the cluster is stable. */
import { loadavg } from 'node:os';
import type { Guards } from '../../changes/guards.ts';
import { asIpvetError, IpvetError } from '../../errors.ts';
import { bucketsOf, outageOf, phasesOf } from '../../failover/outage.ts';
import { declaredEndpoints } from '../../load/declared-endpoints.ts';
import { driveLoad } from '../../load/drive.ts';
import { startProbing } from '../../load/probe.ts';
import type { Client, LoadProfile } from '../../model/cluster.ts';
import type { Failover, KeptConnection, Prediction, Probe, ScenarioName, TimelineEntry } from '../../model/failover.ts';
import type { Fleet } from '../../ssh/host.ts';
import { checkExit } from '../../ssh/outcome.ts';
import type { Journal } from '../journal.ts';
import { loadPlan } from '../traffic-stage.ts';
import type { UndoStack } from '../undo.ts';
import { judgeDrill } from './judgement.ts';
import { type DrillPlan, drillPlan, type DrillScene } from './scenarios.ts';
import { type ClusterState, readState } from './state.ts';
import { startWatch, type Watched } from './watch.ts';

/** Pace of the probes, and of what is waited for; ms. */
const pace = {
  interval: 10,
  probeTimeout: 900,
  kept: 8,
  keptInterval: 250,
  /** Before anything is done: all probes must be answered. */
  baseline: 2000,
  /** So long all probes are answered before a drill goes on. */
  calm: 2000,
  /** Longest for the cluster to be stable, and how long it must stay so. */
  stable: 45_000,
  stay: 2000,
  look: 500,
} as const;

export interface DrillOptions {
  readonly fleet: Fleet;
  readonly journal: Journal;
  readonly guards: Guards;
  readonly undo: UndoStack;
  /** Of the run. */
  readonly signal: AbortSignal;
  readonly lifetime: AbortSignal;
  readonly client: Client;
  readonly profile: LoadProfile;
}

export interface DrillWish {
  readonly scenario: ScenarioName;
  readonly load: 'low' | 'high';
  readonly repeat: number;
  readonly of: number;
}

const epoch = (): number => performance.timeOrigin + performance.now();

/**
 * Throws REFUSED where clients are not answered before anything was done, and what `Host` throws. Whatever is thrown: what was
 * done has been taken back as far as that could be done, and the journal says so.
 */
export async function drill(options: DrillOptions, scene: DrillScene, wish: DrillWish): Promise<Failover> {
  const { fleet, client, profile, signal, lifetime, undo } = options;
  const { cluster, service } = scene;
  const plan = drillPlan(wish.scenario, scene);
  const watches: Watched[] = [];
  const probing = startProbing(
    {
      load: loadPlan(service, client, profile),
      intervalMs: pace.interval,
      timeoutMs: pace.probeTimeout,
      kept: pace.kept,
      keptIntervalMs: pace.keptInterval,
    },
    declaredEndpoints(cluster),
  );
  const load = wish.load === 'high' ? startLoad(options, scene) : undefined;
  try {
    for (const { name } of cluster.directors)
      watches.push(await startWatch(await fleet.host(name), service.vip, lifetime));
    await pause(pace.baseline + pace.probeTimeout, signal);
    mustAnswer(probing.probes, service.name);

    const seen = () => watches.flatMap(({ entries }) => entries);
    const beganMs = epoch();
    const startedAt = new Date(beganMs).toISOString();
    const made = await make(options, plan);
    await settled({ probes: probing.probes, seen, plan, scene, fromMs: beganMs, signal });
    const undoneMs = epoch();
    await undo.undoAll();
    const backMs = epoch();
    const state = await stableAgain(options, scene);
    await pause(pace.calm + pace.probeTimeout, signal);
    const endMs = epoch() - pace.probeTimeout;
    const kept = await probing.stop();

    const shift = (atMs: number): number => Math.round((atMs - beganMs) * 10) / 10;
    const probes = probing.probes.map((probe) => ({ ...probe, atMs: shift(probe.atMs) }));
    const timeline = [
      ...seen().map((entry) => ({ ...entry, atMs: shift(entry.atMs) })),
      ...plan.steps.flatMap(({ host, what, undoText }): TimelineEntry[] => [
        {
          atMs: shift((made.fromMs + made.toMs) / 2),
          errorMs: Math.ceil((made.toMs - made.fromMs) / 2),
          host,
          kind: 'step',
          value: what,
        },
        { atMs: shift(undoneMs), errorMs: Math.ceil(backMs - undoneMs), host, kind: 'undo', value: undoText },
      ]),
    ].toSorted((one, other) => one.atMs - other.atMs);
    const ends = { step: 0, undone: shift(undoneMs), end: shift(endMs) };
    const noticedMs = reactedMs(timeline, plan, scene, ends.step);
    const faultMs = faultAt(timeline, scene, {
      middleMs: shift((made.fromMs + made.toMs) / 2),
      firstFailureMs: outageOf(probes, ends.step, ends.undone).firstFailureMs,
      noticedMs,
    });
    const transitions = {
      takeover: transition(
        probes,
        { fromMs: ends.step, toMs: ends.undone },
        {
          predicted: plan.predicted,
          faultMs,
          reactedMs: noticedMs,
          owner: ownerAt(timeline, ends.undone),
        },
      ),
      failback: transition(
        probes,
        { fromMs: ends.undone, toMs: ends.end },
        {
          predicted: plan.predictedBack,
          faultMs: ends.undone,
          reactedMs: backAt(timeline, plan, scene, ends.undone),
          owner: state?.owner,
        },
      ),
    };
    const judged = probes.filter(({ atMs }) => atMs >= 0 && atMs < ends.end);
    const declared = service.destinations.map(({ realServer }) => realServer.name);
    const result = {
      ...wish,
      service: service.name,
      hosts: [...new Set(plan.steps.map(({ host }) => host))],
      startedAt,
      ...transitions,
      connections: countFates(kept, shift),
      sorry: judged.filter(({ server }) => server !== undefined && !declared.includes(server)).length,
      availability:
        judged.length === 0 ? 0 : judged.filter(({ outcome }) => outcome === 'answered').length / judged.length,
      timeline,
      client: bucketsOf(probes, -pace.baseline, ends.end),
      loadAverage: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    };
    return {
      ...result,
      ...judgeDrill(result, { reaction: plan.reaction, stable: state?.unstable.length === 0, owner: scene.owner }),
    };
  } finally {
    await undo.undoAll();
    load?.abort();
    await Promise.all([...watches.map((watch) => watch.stop()), probing.stop().catch(() => undefined)]);
  }
}

/** Settles with the state once the cluster has been stable for a while; with the last one when it does not become so. */
export async function stableAgain(
  { fleet, signal }: Pick<DrillOptions, 'fleet' | 'signal'>,
  { cluster, service, owner }: Pick<DrillScene, 'cluster' | 'service'> & { readonly owner?: string },
  limitMs: number = pace.stable,
): Promise<ClusterState | undefined> {
  const untilMs = epoch() + limitMs;
  let sinceMs: number | undefined;
  let state: ClusterState | undefined;
  for (;;) {
    const late = epoch() >= untilMs;
    try {
      state = await readState(cluster, service, fleet, signal);
    } catch (error) {
      if (signal.aborted || late) throw error;
      state = undefined;
    }
    const good = state?.unstable.length === 0 && (owner === undefined || state.owner === owner);
    if (!good) sinceMs = undefined;
    else sinceMs ??= epoch();
    if (late || (sinceMs !== undefined && epoch() - sinceMs >= pace.stay)) return state;
    await pause(pace.look, signal);
  }
}

/** On all hosts at once, on each in order. Answers with when the first step took effect, at the latest and at the earliest. */
async function make({ guards, undo, signal }: DrillOptions, { steps }: DrillPlan): Promise<Moment> {
  const hosts = [...new Set(steps.map(({ host }) => host))];
  const moments = await Promise.all(
    hosts.map(async (host) => {
      let first: Moment | undefined;
      for (const { what, command, undo: step, undoText } of steps.filter((one) => one.host === host))
        await undo.change(
          guards.of(host),
          { undo: step, changes: [{ host, what, command: command.argv.join(' '), undo: undoText }] },
          async (number) => {
            const fromMs = epoch();
            checkExit(await guards.of(host).make(number, command, '', signal), host);
            first ??= { fromMs, toMs: epoch() };
          },
          (error) => error.code === 'PERMISSION',
        );
      return first;
    }),
  );
  const made = moments.filter((moment) => moment !== undefined);
  return { fromMs: Math.min(...made.map(({ fromMs }) => fromMs)), toMs: Math.min(...made.map(({ toMs }) => toMs)) };
}

interface Moment {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Settling {
  readonly probes: readonly Probe[];
  readonly seen: () => readonly TimelineEntry[];
  readonly plan: DrillPlan;
  readonly scene: DrillScene;
  readonly fromMs: number;
  readonly signal: AbortSignal;
}

/** Until the cluster has reacted and clients are answered, or the time for that is over. */
async function settled({ probes, seen, plan, scene, fromMs, signal }: Settling): Promise<void> {
  const limitMs = Math.min(60_000, (plan.predicted?.reaction.maxMs ?? 5000) * 2 + 12_000);
  for (;;) {
    await pause(pace.look / 2, signal);
    const nowMs = epoch();
    const reacted = plan.reaction === 'none' || reactedMs(seen(), plan, scene, fromMs) !== undefined;
    const knownMs = nowMs - pace.probeTimeout;
    const { failed, probes: count } = outageOf(probes, Math.max(fromMs, knownMs - pace.calm), knownMs);
    const calm = knownMs - fromMs >= pace.calm && count > 0 && failed === 0;
    if ((reacted && calm) || nowMs - fromMs >= limitMs) return;
  }
}

/** When another director took the VIP, or the table of the one that has it came to have fewer destinations. */
function reactedMs(
  timeline: readonly TimelineEntry[],
  { reaction }: DrillPlan,
  { owner }: Pick<DrillScene, 'owner'>,
  fromMs: number,
): number | undefined {
  if (reaction === 'none') return undefined;
  return timeline.find(
    ({ atMs, kind, host }) =>
      atMs >= fromMs &&
      (reaction === 'owner' ? kind === 'vip-added' && host !== owner : kind === 'destinations' && host === owner),
  )?.atMs;
}

function backAt(
  timeline: readonly TimelineEntry[],
  { reaction }: DrillPlan,
  { owner }: Pick<DrillScene, 'owner'>,
  fromMs: number,
): number | undefined {
  const moved = timeline.filter(({ atMs }) => atMs >= fromMs);
  if (reaction === 'owner') {
    const taken = moved.find(({ kind, host }) => kind === 'vip-added' && host === owner);
    return (taken ?? moved.find(({ kind }) => kind === 'vip-removed'))?.atMs;
  }
  return reaction === 'table'
    ? moved.findLast(({ kind, host }) => kind === 'destinations' && host === owner)?.atMs
    : undefined;
}

/**
 * When it took effect, within the time its command took: the VIP left its director, or the first probe failed; else the
 * middle of the command.
 */
function faultAt(
  timeline: readonly TimelineEntry[],
  { owner }: Pick<DrillScene, 'owner'>,
  at: {
    readonly middleMs: number;
    readonly firstFailureMs: number | undefined;
    readonly noticedMs: number | undefined;
  },
): number {
  const gone = timeline.find(({ atMs, kind, host }) => atMs >= 0 && kind === 'vip-removed' && host === owner)?.atMs;
  const { middleMs, firstFailureMs, noticedMs = Infinity } = at;
  const seen = [gone, firstFailureMs].filter((ms) => ms !== undefined && ms < noticedMs);
  return seen.length === 0 ? Math.min(middleMs, noticedMs) : Math.min(...seen.map((ms) => ms ?? middleMs));
}

/** Of directors whose VIP came and went in the timeline, the one that had it last before then. */
function ownerAt(timeline: readonly TimelineEntry[], atMs: number): string | undefined {
  return timeline.findLast((entry) => entry.kind === 'vip-added' && entry.atMs <= atMs)?.host;
}

function transition(
  probes: readonly Probe[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  known: {
    predicted: Prediction | undefined;
    faultMs: number;
    reactedMs: number | undefined;
    owner: string | undefined;
  },
): Failover['takeover'] {
  const { predicted, faultMs, reactedMs: reacted, owner } = known;
  return {
    beganMs: fromMs,
    endedMs: toMs,
    ...outageOf(probes, fromMs, toMs),
    ...(owner === undefined ? {} : { owner }),
    phases: phasesOf(probes, { fromMs: faultMs, toMs, ...(reacted === undefined ? {} : { reactedMs: reacted }) }),
    ...(predicted === undefined ? {} : { predicted }),
  };
}

function mustAnswer(probes: readonly Probe[], service: string): void {
  const failed = probes.filter(({ outcome }) => outcome !== 'answered');
  if (probes.length > 0 && failed.length === 0) return;
  const kinds = [...new Set(failed.map(({ outcome }) => outcome))].join(', ');
  throw new IpvetError(
    'REFUSED',
    probes.length === 0
      ? `no probe of ${service} came to an end, so nothing is done to its cluster`
      : `${failed.length} of ${probes.length} probes of ${service} failed (${kinds}) before anything was done`,
    { hint: '`ipvet diagnose` looks for the cause' },
  );
}

function countFates(kept: readonly KeptConnection[], shift: (atMs: number) => number): Failover['connections'] {
  const of = (fate: KeptConnection['fate']): number => kept.filter((one) => one.fate === fate).length;
  const endedMs = kept.flatMap((one) => (one.endedMs === undefined ? [] : [shift(one.endedMs)]));
  return { survived: of('survived'), reset: of('reset'), hung: of('hung'), endedMs: endedMs.toSorted((a, b) => a - b) };
}

const highRateRps = 300;

/** Open-loop load besides the probes, until aborted. What becomes of it is not counted. */
function startLoad({ client, profile }: DrillOptions, { cluster, service }: DrillScene): AbortController {
  const ended = new AbortController();
  const stage = { fromRps: highRateRps, toRps: highRateRps, durationMs: 240_000 };
  const loaded: LoadProfile = {
    name: profile.name,
    mode: 'ab',
    requests: 1_000_000,
    concurrency: 500,
    timeoutMs: 3000,
    abortAfterFailures: 1_000_000,
    openLoop: { arrivals: 'constant', stages: [stage] },
  };
  void driveLoad(loadPlan(service, client, loaded), {
    endpoints: declaredEndpoints(cluster),
    signal: ended.signal,
  }).catch(() => undefined);
  return ended;
}

/** Throws ABORTED. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
  if (signal.aborted) throw asIpvetError(signal.reason, 'ABORTED', 'the drill was interrupted');
}
