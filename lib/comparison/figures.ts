/** What the load measured, before and after. */
import type { Baseline, BaselineLoad, FigureChange, Tolerance } from '../model/comparison.ts';
import type { LatencySummary } from '../model/load-result.ts';
import { differenceOf, type Estimate, meanEstimate, ratioOf, shareEstimate } from './estimate.ts';
import { percentileEstimate, requestsFor } from './latency.ts';

/**
 * A shorter load shows one moment of the cluster and of its client: its requests are many and its state is one. Two healthy runs
 * of one lab, 2,000 requests in under a second, were 92 % apart in `total.p50`, with an interval far from 0.
 */
const shortestMs = 10_000;
/** Full seconds of a load below which its rate has no spread to speak of. */
const fewestSeconds = 8;

type Judged = Omit<FigureChange, 'service' | 'profile' | 'metric'>;

/** Of each load that either run has, by service and profile. */
export function figureChanges(before: Baseline, after: Baseline, tolerance: Tolerance): readonly FigureChange[] {
  const keyOf = ({ service, profile }: BaselineLoad) => JSON.stringify([service, profile]);
  const earlier = new Map(before.load.map((load) => [keyOf(load), load]));
  const later = new Map(after.load.map((load) => [keyOf(load), load]));
  return [...new Set([...later.keys(), ...earlier.keys()])].flatMap((key) => {
    const [was, is] = [earlier.get(key), later.get(key)];
    const named = is ?? was;
    if (named === undefined) return [];
    const judged =
      was === undefined || is === undefined
        ? [oneSided(was, is)]
        : judgedLoads(was, is, limitOf(before, after, was, is), tolerance);
    return judged.map((figure) => ({ service: named.service, profile: named.profile, ...figure }));
  });
}

type Named = Judged & Pick<FigureChange, 'metric'>;

function oneSided(was: BaselineLoad | undefined, is: BaselineLoad | undefined): Named {
  return {
    metric: 'rate',
    unit: 'per-second',
    ...(was === undefined ? {} : { before: was.rateRps }),
    ...(is === undefined ? {} : { after: is.rateRps }),
    outcome: 'could-not-tell',
    ...(is === undefined ? { suspect: true as const } : {}),
    reason: `the ${was === undefined ? 'earlier' : 'later'} run has no such load`,
  };
}

/** Why latencies and rates of the two loads say nothing of the cluster; undefined where they do. */
function limitOf(before: Baseline, after: Baseline, was: BaselineLoad, is: BaselineLoad): string | undefined {
  if (was.engine !== is.engine) return `not the same load: ${was.engine} before, ${is.engine} now`;
  if (was.requested !== is.requested && was.openLoop === undefined && is.openLoop === undefined)
    return `not the same load: ${was.requested} requests before, ${is.requested} now`;
  const [offered, now] = [was.openLoop?.offeredRps ?? 0, is.openLoop?.offeredRps ?? 0];
  if (Math.abs(now - offered) > 0.05 * Math.max(now, offered))
    return `not the same load: ${rounded(offered)} offered before, ${rounded(now)} now`;
  const shorter = Math.min(was.durationMs, is.durationMs);
  if (shorter < shortestMs)
    return `a load of ${(shorter / 1000).toPrecision(2)} s shows one moment: it takes ${shortestMs / 1000} s`;
  if (was.client !== is.client) return `not the same client: ${was.client} before, ${is.client} now`;
  for (const [{ verdicts }, which] of [
    [before, 'earlier'],
    [after, 'later'],
  ] as const) {
    const generator = verdicts.find(
      ({ check, subject }) => check === 'traffic/generator' && subject.service === was.service,
    );
    if (generator !== undefined && ['fail', 'warn', 'error'].includes(generator.outcome))
      return `the generator may have been the limit in the ${which} run`;
  }
  return undefined;
}

function rounded(perSecond: number): string {
  return perSecond === 0 ? 'no rate' : `${perSecond.toPrecision(3)}/s`;
}

function judgedLoads(
  was: BaselineLoad,
  is: BaselineLoad,
  limit: string | undefined,
  tolerance: Tolerance,
): readonly Named[] {
  const share = (metric: string, of: (load: BaselineLoad) => readonly [number, number] | undefined): Named[] => {
    const [before, after] = [of(was), of(is)];
    return before === undefined || after === undefined
      ? []
      : [{ metric, ...judgedShare(before, after, tolerance.share) }];
  };
  const latency = (
    metric: string,
    percent: 50 | 99,
    of: (load: BaselineLoad) => LatencySummary | undefined,
  ): Named[] => {
    const [before, after] = [of(was), of(is)];
    return before === undefined || after === undefined
      ? []
      : [{ metric, ...limited(judgedLatency(before, after, percent, tolerance), limit) }];
  };
  const open = was.openLoop !== undefined && is.openLoop !== undefined;
  return [
    ...share('errors.rate', ({ failed, sent }) => [failed, sent]),
    ...share('late.rate', ({ openLoop, sent }) => (openLoop === undefined ? undefined : [openLoop.lateSends, sent])),
    ...share('syn_retransmits', ({ synRetransmits, connections }) =>
      synRetransmits === undefined
        ? undefined
        : [synRetransmits.handshakes.reduce((sum, { connections: some }) => sum + some, 0), connections],
    ),
    // An open loop has the rate that was asked for.
    ...(open ? [] : [{ metric: 'rate', ...limited(judgedRate(was, is, tolerance), limit) }]),
    ...latency('connect.p50', 50, ({ connect }) => connect),
    ...latency('connect.p99', 99, ({ connect }) => connect),
    ...(open
      ? [
          ...latency('corrected.p50', 50, ({ corrected }) => corrected),
          ...latency('corrected.p99', 99, ({ corrected }) => corrected),
        ]
      : [...latency('total.p50', 50, ({ total }) => total), ...latency('total.p99', 99, ({ total }) => total)]),
    ...(was.capacity === undefined || is.capacity === undefined
      ? []
      : [{ metric: 'capacity', ...judgedCapacity(was.capacity, is.capacity, tolerance) }]),
  ];
}

/** Two loads that are not alike, or too short, have figures, and no difference that means anything. */
function limited(judged: Judged, limit: string | undefined): Judged {
  if (limit === undefined) return judged;
  const { unit, before, after, change } = judged;
  return {
    unit,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(change === undefined ? {} : { change }),
    outcome: 'could-not-tell',
    reason: limit,
  };
}

function judgedShare(before: readonly [number, number], after: readonly [number, number], tolerance: number): Judged {
  const of = ([count, n]: readonly [number, number]) => (n === 0 ? undefined : shareEstimate(count, n));
  const [was, is] = [of(before), of(after)];
  const unit = 'fraction';
  if (was === undefined || is === undefined)
    return {
      unit,
      ...(was === undefined ? {} : { before: was.value }),
      ...(is === undefined ? {} : { after: is.value }),
      outcome: 'could-not-tell',
      reason: `the ${was === undefined ? 'earlier' : 'later'} load sent nothing`,
    };
  const difference = differenceOf(was, is);
  const told = { unit, before: was.value, after: is.value, ...changeOf(difference) } as const;
  if (before[0] === 0 && after[0] === 0) return { ...told, outcome: 'same', reason: 'none in either' };
  return { ...told, ...decided(difference, 'higher', tolerance) };
}

function judgedLatency(
  before: LatencySummary,
  after: LatencySummary,
  percent: 50 | 99,
  { relative, latencyMs }: Tolerance,
): Judged {
  const valueOf = (one: LatencySummary) => (percent === 50 ? one.p50Ms : one.p99Ms);
  const told = { unit: 'ms', before: valueOf(before), after: valueOf(after) } as const;
  const small = Math.abs(told.after - told.before) < latencyMs;
  const [was, is] = [percentileEstimate(before, percent), percentileEstimate(after, percent)];
  const ratio = was === undefined || is === undefined ? undefined : ratioOf(was, is);
  if (was === undefined || is === undefined || ratio === undefined)
    return {
      ...told,
      ...pointChange(told.before, told.after),
      ...unknown(!small && told.after >= told.before * (1 + relative)),
      reason:
        ratio === undefined && was !== undefined && is !== undefined
          ? 'a latency of 0 has no ratio'
          : `${Math.min(before.count, after.count)} answers do not bound a 1 in ${Math.round(100 / (100 - percent))}: it takes ${requestsFor(percent)}`,
    };
  const difference = differenceOf(was, is);
  if (difference.high < latencyMs && difference.low > -latencyMs)
    return { ...told, ...changeOf(ratio), outcome: 'same', reason: `less than ${latencyMs} ms either way` };
  return { ...told, ...changeOf(ratio), ...decided(ratio, 'higher', small ? Infinity : relative, relative) };
}

function judgedRate(was: BaselineLoad, is: BaselineLoad, { relative }: Tolerance): Judged {
  const told = { unit: 'per-second', before: was.rateRps, after: is.rateRps } as const;
  const [before, after] = [fullSeconds(was), fullSeconds(is)];
  const shorter = Math.min(before.length, after.length);
  const suspect = told.after <= told.before * (1 - relative);
  if (shorter < fewestSeconds)
    return {
      ...told,
      ...pointChange(told.before, told.after),
      ...unknown(suspect),
      reason: `${shorter === 0 ? 'no' : shorter} full ${shorter === 1 ? 'second' : 'seconds'} of load show no spread: it takes ${fewestSeconds}`,
    };
  const [one, other] = [meanEstimate(before), meanEstimate(after)];
  const ratio = one === undefined || other === undefined ? undefined : ratioOf(one, other);
  return ratio === undefined
    ? {
        ...told,
        ...pointChange(told.before, told.after),
        ...unknown(suspect),
        reason: 'too unsteady from second to second',
      }
    : { ...told, ...changeOf(ratio), ...decided(ratio, 'lower', relative) };
}

/** Answers of each second but the first and the last, which the load did not fill. */
function fullSeconds({ timeline }: BaselineLoad): readonly number[] {
  return timeline.slice(1, -1).map(({ answered }) => answered);
}

function judgedCapacity(
  was: NonNullable<BaselineLoad['capacity']>,
  is: NonNullable<BaselineLoad['capacity']>,
  { relative }: Tolerance,
): Judged {
  const [before, after] = [was.rateRps, is.rateRps];
  return {
    unit: 'per-second',
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(before === undefined || after === undefined ? {} : pointChange(before, after)),
    ...unknown((after ?? 0) <= (before ?? 0) * (1 - relative) && before !== undefined),
    reason: `one search has no spread; ended by ${was.limitedBy} before, ${is.limitedBy} now`,
  };
}

function changeOf({ value, low, high }: Estimate): Pick<FigureChange, 'change' | 'interval'> {
  return { change: value, interval: [low, high] };
}

function pointChange(before: number, after: number): Pick<FigureChange, 'change'> {
  return before === 0 ? {} : { change: after / before - 1 };
}

function unknown(suspect: boolean): Pick<FigureChange, 'outcome' | 'suspect'> {
  return { outcome: 'could-not-tell', ...(suspect ? { suspect: true as const } : {}) };
}

/**
 * Certain and as large as `matters`: worse or better; certainly smaller than `tolerance`: the same; anything else could not
 * be told.
 */
function decided(
  { value, low, high }: Estimate,
  worseIs: 'higher' | 'lower',
  matters: number,
  tolerance = matters,
): Pick<FigureChange, 'outcome' | 'suspect' | 'reason'> {
  const worsening = worseIs === 'higher' ? value : -value;
  if (Math.abs(value) >= matters && (low > 0 || high < 0)) return { outcome: worsening > 0 ? 'worse' : 'better' };
  if (low > -tolerance && high < tolerance) return { outcome: 'same' };
  return { ...unknown(worsening >= matters), reason: 'the interval is too wide to say whether it matters' };
}
