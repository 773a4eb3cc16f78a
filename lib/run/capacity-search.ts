/**
 * Looks for the highest rate a service carries: each rate is held for a while by an open loop; rates double until one does
 * not hold, then halve the distance between the last that held and the first that did not. At most 16 rates.
 */
import type { LoadPlan } from '../load/engine.ts';
import type { CapacitySearch, LoadProfile } from '../model/cluster.ts';
import { generatorLimits } from '../model/generator-limits.ts';
import type { EndReading } from '../model/ends.ts';
import type { CapacityResult, CapacityStep, LoadResult } from '../model/load-result.ts';

/** What one rate showed. */
export interface Measured {
  readonly load: LoadResult;
  readonly ends: readonly EndReading[];
}

const mostSteps = 16;
/** The search ends when the rate that did not hold is at most this much above the one that did. */
const precision = 1.1;
/** Below this no rate is tried. */
const lowestRps = 1;
/** Connections at once, at most. */
const mostPlaces = 10_000;

/** `measure` drives one rate; rejects with what it rejects. Ends after a step that was interrupted. */
export async function searchCapacity(
  search: CapacitySearch,
  measure: (rateRps: number) => Promise<Measured>,
  onStep: (step: CapacityStep) => void = () => undefined,
): Promise<CapacityResult> {
  const steps: CapacityStep[] = [];
  let held: number | undefined;
  let failed: { readonly rateRps: number; readonly measured: Measured; readonly step: CapacityStep } | undefined;
  for (let rateRps = search.startRps; steps.length < mostSteps;) {
    const measured = await measure(rateRps);
    if (measured.load.stopped === 'interrupted')
      return { ...heldAt(held), limitedBy: 'interrupted', reason: 'the search was interrupted', steps };
    const step = stepOf(rateRps, measured.load, search);
    steps.push(step);
    onStep(step);
    if (step.held) held = rateRps;
    else failed = { rateRps, measured, step };
    if (held !== undefined && held >= search.ceilingRps)
      return { rateRps: held, limitedBy: 'ceiling', reason: `${rps(held)} held, and no higher rate is tried`, steps };
    const next = nextRate(search, held, failed?.rateRps);
    if (next === undefined) break;
    rateRps = next;
  }
  if (failed === undefined)
    return { ...heldAt(held), limitedBy: 'steps', reason: `${mostSteps} rates were tried, and all held`, steps };
  return { ...heldAt(held), ...limitOf(failed.measured, failed.step), steps };
}

/** Neither a search, nor of a rate or a length of its own. */
export function plainProfile(profile: LoadProfile): LoadProfile {
  const plain: { -readonly [K in keyof LoadProfile]: LoadProfile[K] } = { ...profile };
  delete plain.capacity;
  delete plain.openLoop;
  delete plain.timeLimitMs;
  delete plain.failureEndsAfterMs;
  return plain;
}

/** The plan at one rate, for as long as a step of the search. */
export function atRate(plan: LoadPlan, { stepMs }: Pick<CapacitySearch, 'stepMs'>, rateRps: number): LoadPlan {
  const profile = plainProfile(plan.profile);
  const requests = Math.max(1, Math.floor((rateRps * stepMs) / 1000));
  return {
    ...plan,
    profile: {
      ...profile,
      openLoop: { arrivals: 'constant', stages: [{ fromRps: rateRps, toRps: rateRps, durationMs: stepMs }] },
      requests,
      concurrency: Math.min(
        requests,
        Math.max(50, Math.min(mostPlaces, Math.ceil((rateRps * profile.timeoutMs) / 1000))),
      ),
      abortAfterFailures: Math.max(20, Math.ceil(rateRps)),
    },
  };
}

/** What is judged after the search: nine tenths of the rate that held, or the lowest one where none did. */
export function confirmed(plan: LoadPlan, { rateRps, steps }: CapacityResult): LoadPlan {
  const lowest = Math.min(...steps.map((step) => step.rateRps));
  const rate = rateRps === undefined ? (Number.isFinite(lowest) ? lowest : lowestRps) : rateRps * 0.9;
  return atRate(plan, plan.profile.capacity ?? { stepMs: 1000 }, rate);
}

function heldAt(rateRps: number | undefined): Pick<CapacityResult, 'rateRps'> {
  return rateRps === undefined ? {} : { rateRps };
}

function nextRate(
  { ceilingRps }: CapacitySearch,
  held: number | undefined,
  failed: number | undefined,
): number | undefined {
  if (failed === undefined) return held === undefined ? undefined : Math.min(ceilingRps, held * 2);
  if (held === undefined) return failed / 2 >= lowestRps ? failed / 2 : undefined;
  if (failed / held <= precision) return undefined;
  const middle = (held + failed) / 2;
  return middle >= 20 ? Math.round(middle) : middle;
}

function stepOf(rateRps: number, load: LoadResult, { errorsRate, lateRate, latencyMs }: CapacitySearch): CapacityStep {
  const { openLoop, answered, failed, sent, errors, requested } = load;
  const late = openLoop === undefined || sent === 0 ? 0 : openLoop.lateSends / sent;
  const p99Ms = (load.corrected ?? load.total)?.p99Ms;
  // A load that gave up early has not held its rate to the end.
  const unsent = load.stopped === 'failures' ? requested - sent : 0;
  const crossed = [
    ...(errors.rate > errorsRate ? [`${percent(errors.rate)} of the requests failed`] : []),
    ...(unsent > 0 ? [`${unsent} requests were not sent after so many had failed`] : []),
    ...(late > lateRate ? [`${percent(late)} were begun late`] : []),
    ...(p99Ms !== undefined && p99Ms > latencyMs ? [`the 99th percentile was ${Math.round(p99Ms)} ms`] : []),
    ...(answered === 0 ? ['no request was answered'] : []),
  ];
  return {
    rateRps,
    achievedRps: openLoop?.achievedRps ?? load.rateRps,
    answered,
    failed,
    lateRate: late,
    ...(p99Ms === undefined ? {} : { p99Ms }),
    held: crossed.length === 0,
    crossed,
  };
}

/** Who was at the end of what he can. */
function limitOf(
  { load, ends }: Measured,
  { rateRps, crossed }: CapacityStep,
): Pick<CapacityResult, 'limitedBy' | 'realServer' | 'reason'> {
  const what = `at ${rps(rateRps)} ${crossed.join(', ')}`;
  const own = generatorLimits(load);
  if (own.length > 0)
    return {
      limitedBy: 'generator',
      reason: `the generator was the limit: ${own.map(({ text }) => text).join(', ')}; ${what}`,
    };
  const full = ends.filter(({ role, counts }) => role === 'real-server' && drops(counts) > 0);
  const servers = ends.filter(({ role }) => role === 'real-server');
  const [one] = full;
  if (one !== undefined && full.length === 1 && servers.length > 1)
    return {
      limitedBy: 'real-server',
      realServer: one.host,
      reason: `${one.host} alone dropped ${drops(one.counts)} handshakes, its listener being full; ${what}`,
    };
  return { limitedBy: 'cluster', reason: what };
}

function drops(counts: EndReading['counts']): number {
  const { listenDrops, listenOverflows, requestQueueDrops = 0 } = counts ?? {};
  return (listenDrops ?? listenOverflows ?? 0) + requestQueueDrops;
}

function rps(rate: number): string {
  return `${Number(rate.toPrecision(4))} requests/s`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))}%`;
}
