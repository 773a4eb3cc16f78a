/** Drills in words and figures, each scenario under each load once: what all formats for people show alike. */
import { projectedAvailability, spread } from '../lib/model/availability.ts';
import type { Failover, Range, Transition } from '../lib/model/failover.ts';
import type { Outcome } from '../lib/model/verdict.ts';
import { words } from './language/index.ts';
import { count, duration, percent } from './units.ts';
import { brief } from './visible.ts';

export interface DrillRow {
  readonly scenario: string;
  readonly load: Failover['load'];
  readonly times: number;
  readonly outcome: Failover['outcome'];
  readonly predicted: string;
  /** Least, median and most outage of the service. */
  readonly measured: string;
  /** Median of the time until the cluster noticed. */
  readonly detected: string;
  readonly failback: string;
  readonly kept: string;
  readonly errors: string;
  readonly availability: string;
  readonly reasons: readonly string[];
}

export function drillCells(row: DrillRow): readonly string[] {
  const { scenario, load, times, predicted, measured, detected, failback, kept, availability } = row;
  return [scenario, load, count(times), predicted, measured, detected, failback, kept, availability];
}

/** As which outcome of a check a drill counts, and is drawn. */
export const drillOutcomes: Readonly<Record<Failover['outcome'], Outcome>> = {
  pass: 'pass',
  warn: 'warn',
  fail: 'fail',
  inconclusive: 'error',
};

/** In the order in which they were made. */
export function drillRows(failovers: readonly Failover[]): readonly DrillRow[] {
  return drillGroups(failovers).map(rowOf);
}

/** Of the same scenario under the same load. */
export function drillGroups(failovers: readonly Failover[]): readonly (readonly Failover[])[] {
  const groups = new Map<string, Failover[]>();
  for (const failover of failovers) {
    const key = `${failover.scenario} ${failover.load}`;
    groups.set(key, [...(groups.get(key) ?? []), failover]);
  }
  return [...groups.values()];
}

const severity: readonly Failover['outcome'][] = ['fail', 'inconclusive', 'warn', 'pass'];

/** The one to look at first: of the worst outcome, and of these the longest outage. */
export function worstOf(drills: readonly Failover[]): Failover | undefined {
  const [worst] = drills.toSorted(
    (one, other) =>
      severity.indexOf(one.outcome) - severity.indexOf(other.outcome) ||
      other.takeover.outageMs - one.takeover.outageMs,
  );
  return worst;
}

export function rowOf(drills: readonly Failover[]): DrillRow {
  const sum = (of: (drill: Failover) => number): number => drills.reduce((total, drill) => total + of(drill), 0);
  const kept = {
    survived: sum(({ connections }) => connections.survived),
    reset: sum(({ connections }) => connections.reset),
    hung: sum(({ connections }) => connections.hung),
  };
  const { failover } = words();
  const { and } = words().summary;
  const late = sum(brokenOnTheWayBack);
  const [first] = drills;
  const sorry = sum((drill) => drill.sorry);
  return {
    scenario: first?.scenario ?? '',
    load: first?.load ?? 'low',
    times: drills.length,
    outcome: severity.find((one) => drills.some(({ outcome }) => outcome === one)) ?? 'pass',
    predicted: rangeText(drills.find(({ takeover }) => takeover.predicted !== undefined)?.takeover.predicted?.outage),
    measured: spreadText(drills.map(({ takeover }) => takeover.outageMs)),
    detected: medianText(drills.flatMap(({ takeover }) => detection(takeover))),
    failback: spreadText(drills.map(({ failback }) => failback.outageMs)),
    kept: failover.kept(kept.survived, kept.reset, kept.hung, late),
    errors: and([errorsText(drills), ...(sorry > 0 ? [failover.sorry(count(sorry))] : [])]),
    availability: percent(spread(drills.map(({ availability }) => availability))?.median ?? NaN, 2),
    reasons: [...new Set(drills.flatMap(({ reason }) => reason ?? []))],
  };
}

/** Kept connections that broke when the VIP, or the real server, was back where it was, and not before. */
export function brokenOnTheWayBack({ connections, failback }: Failover): number {
  const back = failback.phases.find(({ name }) => name === 'detect');
  return back === undefined ? 0 : connections.endedMs.filter((ms) => ms >= back.toMs).length;
}

/** How much of a year one such outage a month leaves, by the median of all takeovers. Undefined without drills. */
export function projection(failovers: readonly Failover[]): string | undefined {
  const middle = spread(failovers.map(({ takeover, failback }) => takeover.outageMs + failback.outageMs));
  if (middle === undefined) return undefined;
  const monthly = projectedAvailability(middle.median, 12);
  return words().failover.projection(duration(middle.median), percent(monthly, 5));
}

/** Of none or one phase. */
export function detection({ phases }: Transition): readonly number[] {
  return phases.filter(({ name }) => name === 'detect').map(({ fromMs, toMs }) => toMs - fromMs);
}

export function errorsText(drills: readonly Failover[]): string {
  const counts = new Map<string, number>();
  for (const { takeover, failback } of drills)
    for (const [kind, n] of [...Object.entries(takeover.errors), ...Object.entries(failback.errors)])
      counts.set(kind, (counts.get(kind) ?? 0) + n);
  const { noneFailed } = words().failover;
  return counts.size === 0
    ? noneFailed
    : words().summary.and([...counts].map(([kind, n]) => `${brief(kind, 40)} ${count(n)}`));
}

export function rangeText(range: Range | undefined): string {
  return range === undefined ? '–' : words().failover.to(duration(range.minMs), duration(range.maxMs));
}

function spreadText(values: readonly number[]): string {
  const found = spread(values);
  if (found === undefined) return '–';
  if (values.length === 1 || found.min === found.max) return duration(found.median);
  return `${duration(found.min)} / ${duration(found.median)} / ${duration(found.max)}`;
}

function medianText(values: readonly number[]): string {
  const found = spread(values);
  return found === undefined ? '–' : duration(found.median);
}
