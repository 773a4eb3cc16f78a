/** One drill: the cluster is stable, one thing is done to it, clients are watched, it is taken back, the cluster is stable. */
import { loadavg } from 'node:os';
import type { Guards } from '../../changes/guards.ts';
import { IpvetError } from '../../errors.ts';
import { bucketsOf, outageOf } from '../../failover/outage.ts';
import { declaredEndpoints } from '../../load/declared-endpoints.ts';
import { startProbing } from '../../load/probe.ts';
import type { Client, LoadProfile } from '../../model/cluster.ts';
import type { Failover, Probe, ScenarioName, TimelineEntry } from '../../model/failover.ts';
import type { Fleet } from '../../ssh/host.ts';
import { loadPlan } from '../load-plan.ts';
import type { UndoStack } from '../undo.ts';
import { type HighLoad, startHighLoad } from './high-load.ts';
import { judgeDrill } from './judgement.ts';
import { make } from './make.ts';
import { epoch, pace, pause } from './pace.ts';
import type { DrillPlan, DrillScene } from './scenarios.ts';
import type { DrillStep } from './steps.ts';
import { backAt, countFates, faultAt, linkUpAt, ownerAt, reactedMs, transition } from './timeline.ts';
import { settled, stableAgain, takenOver } from './waiting.ts';
import { startWatch, type Watched } from './watch.ts';

export interface DrillOptions {
  readonly fleet: Fleet;
  readonly guards: Guards;
  readonly undo: UndoStack;
  /** Of the run. */
  readonly signal: AbortSignal;
  readonly lifetime: AbortSignal;
  readonly client: Client;
  readonly profile: LoadProfile;
  /** Gives the lock of a director back before it loses its power, and takes it again when it has booted. */
  readonly leave: (host: string) => Promise<void>;
  readonly retake: (host: string) => Promise<void>;
}

export interface DrillWish {
  readonly scenario: ScenarioName;
  readonly load: 'low' | 'high';
  readonly repeat: number;
  readonly of: number;
}

/** What was seen while a drill was made. Times are ms since 1970. */
interface Seen {
  readonly began: number;
  readonly made: { readonly fromMs: number; readonly toMs: number; readonly doneMs: number };
  readonly undoing: number;
  readonly undone: number;
  readonly end: number;
  readonly probes: readonly Probe[];
  readonly entries: readonly TimelineEntry[];
}

/**
 * Throws REFUSED where clients are not answered before anything was done, and what `Host` throws. Whatever is thrown: what was
 * done has been taken back as far as that could be done, and the journal says so.
 */
export async function drill(
  options: DrillOptions,
  scene: DrillScene,
  plan: DrillPlan,
  wish: DrillWish,
): Promise<Failover> {
  const { fleet, client, profile, signal, lifetime, undo } = options;
  const { cluster, service } = scene;
  const watches: Watched[] = [];
  const probe = () =>
    startProbing(
      {
        load: loadPlan(service, client, profile),
        intervalMs: pace.interval,
        timeoutMs: pace.probeTimeout,
        kept: pace.kept,
        keptIntervalMs: pace.keptInterval,
      },
      declaredEndpoints(cluster),
    );
  let probing: ReturnType<typeof probe> | undefined;
  let load: HighLoad | undefined;
  try {
    if (plan.before !== undefined) {
      await make(options, plan.before);
      await takenOver(options, scene);
    }
    probing = probe();
    if (wish.load === 'high') load = startHighLoad(scene, { client, profile });
    for (const { name } of cluster.directors)
      watches.push(await startWatch(await fleet.host(name), service.vip, lifetime));
    await pause(pace.baseline + pace.probeTimeout, signal);
    mustAnswer(probing.probes, service.name);

    const seen = () => watches.flatMap(({ entries }) => entries);
    const began = epoch();
    if (plan.boots !== undefined) await options.leave(plan.boots);
    const made = await make(options, plan.steps);
    await settled({ probes: probing.probes, seen, plan, scene, fromMs: began, signal });
    const alreadyMs = plan.endsAfterMs === undefined ? undefined : made.toMs + plan.endsAfterMs;
    if (alreadyMs !== undefined) await pause(Math.max(0, alreadyMs + pace.stay - epoch()), signal);
    const undoing = epoch();
    const isBack = await undo.undoAll();
    const undone = epoch();
    const wanted = plan.stays === undefined ? scene : { cluster, service };
    // Nobody waits for one whose power did not come back.
    const booting = { limitMs: isBack ? pace.boot : 0, patient: true };
    const state = await stableAgain(options, wanted, plan.boots === undefined ? {} : booting);
    if (plan.boots !== undefined && state?.unstable.length === 0) await options.retake(plan.boots);
    await pause(pace.calm + pace.probeTimeout, signal);
    const end = epoch() - pace.probeTimeout;
    load?.mustRun();
    const kept = await probing.stop();
    const measured = measuredOf(
      { began, made, undoing: alreadyMs ?? undoing, undone, end, probes: probing.probes, entries: seen() },
      { scene, plan, lastOwner: state?.owner },
    );
    const result = {
      ...wish,
      service: service.name,
      hosts: [...new Set(plan.steps.map(({ host }) => host))],
      startedAt: new Date(began).toISOString(),
      ...measured,
      connections: countFates(kept, since(began)),
      loadAverage: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    };
    return {
      ...result,
      ...judgeDrill(result, {
        reaction: plan.reaction,
        stable: state?.unstable.length === 0,
        left: state === undefined ? [`${plan.boots ?? 'a director'} does not answer`] : state.unstable,
        owner: scene.owner,
        ...(plan.drained === undefined ? {} : { drained: plan.drained }),
      }),
    };
  } finally {
    await undo.undoAll();
    load?.stop();
    await Promise.all([...watches.map((watch) => watch.stop()), probing?.stop().catch(() => undefined)]);
  }
}

/** ms after it, to the tenth. */
const since =
  (beganMs: number) =>
  (atMs: number): number =>
    Math.round((atMs - beganMs) * 10) / 10;

/** The same with 0 at the step. */
function measuredOf(
  seen: Seen,
  { scene, plan, lastOwner }: { scene: DrillScene; plan: DrillPlan; lastOwner: string | undefined },
): Pick<Failover, 'takeover' | 'failback' | 'strays' | 'sorry' | 'availability' | 'timeline' | 'client'> {
  const { made, undoing, undone } = seen;
  const shift = since(seen.began);
  const probes = seen.probes.map((probe) => ({ ...probe, atMs: shift(probe.atMs) }));
  const middleMs = shift((made.fromMs + made.toMs) / 2);
  const timeline = [
    ...seen.entries.map((entry) => ({ ...entry, atMs: shift(entry.atMs) })),
    ...plan.steps.flatMap(({ host, what, undoText }: DrillStep): TimelineEntry[] => [
      { atMs: middleMs, errorMs: Math.ceil((made.toMs - made.fromMs) / 2), host, kind: 'step', value: what },
      { atMs: shift(undoing), errorMs: Math.ceil(undone - undoing), host, kind: 'undo', value: undoText },
    ]),
  ].toSorted((one, other) => one.atMs - other.atMs);
  const byItself = linkUpAt(timeline, scene, middleMs);
  const ends = { step: 0, undone: byItself ?? shift(undoing), end: shift(seen.end) };
  const noticedMs = reactedMs(timeline, plan, scene, ends.step);
  const { firstFailureMs } = outageOf(probes, ends.step, ends.undone);
  const judged = probes.filter(({ atMs }) => atMs >= 0 && atMs < ends.end);
  const declared = scene.service.destinations.map(({ realServer }) => realServer.name);
  const { drained } = plan;
  return {
    takeover: transition(
      probes,
      { fromMs: ends.step, toMs: ends.undone },
      {
        predicted: plan.predicted,
        faultMs: faultAt(timeline, plan, scene, { middleMs, firstFailureMs, noticedMs }),
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
        owner: lastOwner,
      },
    ),
    ...(drained === undefined
      ? {}
      : {
          strays: probes.filter(
            ({ atMs, server }) => server === drained && atMs > shift(made.doneMs) && atMs < ends.undone,
          ).length,
        }),
    sorry: judged.filter(({ server }) => server !== undefined && !declared.includes(server)).length,
    availability:
      judged.length === 0 ? 0 : judged.filter(({ outcome }) => outcome === 'answered').length / judged.length,
    timeline,
    client: bucketsOf(probes, -pace.baseline, ends.end),
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
      : `${failed.length} of ${probes.length} probes of ${service} failed (${kinds}) before the drill`,
    { hint: '`ipvet diagnose` looks for the cause' },
  );
}
