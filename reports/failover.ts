/** Drills in words and figures, each scenario under each load once: what text and Markdown show alike. */
import { projectedAvailability, spread } from '../lib/model/availability.ts';
import type { Failover, Range, Transition } from '../lib/model/failover.ts';
import { count, duration, percent } from './units.ts';

export interface DrillRow {
  readonly scenario: string;
  readonly load: string;
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

export const drillHeads = [
  'Scenario',
  'Load',
  'Times',
  'Predicted',
  'Outage',
  'Noticed',
  'Back',
  'Kept connections',
  'Available',
];

export function drillCells(row: DrillRow): readonly string[] {
  const { scenario, load, times, predicted, measured, detected, failback, kept, availability } = row;
  return [scenario, load, count(times), predicted, measured, detected, failback, kept, availability];
}

export const drillWords: Readonly<Record<Failover['outcome'], string>> = {
  pass: 'as predicted',
  warn: 'not as predicted',
  fail: 'failed',
  inconclusive: 'no verdict',
};

/** In the order in which they were made. */
export function drillRows(failovers: readonly Failover[]): readonly DrillRow[] {
  const groups = new Map<string, Failover[]>();
  for (const failover of failovers) {
    const key = `${failover.scenario} ${failover.load}`;
    groups.set(key, [...(groups.get(key) ?? []), failover]);
  }
  return [...groups.values()].map(rowOf);
}

const severity: readonly Failover['outcome'][] = ['fail', 'inconclusive', 'warn', 'pass'];

function rowOf(drills: readonly Failover[]): DrillRow {
  const sum = (of: (drill: Failover) => number): number => drills.reduce((total, drill) => total + of(drill), 0);
  const kept = {
    survived: sum(({ connections }) => connections.survived),
    reset: sum(({ connections }) => connections.reset),
    hung: sum(({ connections }) => connections.hung),
  };
  const late = sum(brokenOnTheWayBack);
  const [first] = drills;
  const sorry = sum((drill) => drill.sorry);
  return {
    scenario: first?.scenario ?? '',
    load: first?.load ?? '',
    times: drills.length,
    outcome: severity.find((one) => drills.some(({ outcome }) => outcome === one)) ?? 'pass',
    predicted: rangeText(drills.find(({ takeover }) => takeover.predicted !== undefined)?.takeover.predicted?.outage),
    measured: spreadText(drills.map(({ takeover }) => takeover.outageMs)),
    detected: medianText(drills.flatMap(({ takeover }) => detection(takeover))),
    failback: spreadText(drills.map(({ failback }) => failback.outageMs)),
    kept: `${kept.survived} survived, ${kept.reset} reset, ${kept.hung} hung${late > 0 ? ` (${late} of them on the way back)` : ''}`,
    errors: [errorsText(drills), ...(sorry > 0 ? [`${count(sorry)} answered by a sorry server`] : [])].join(', '),
    availability: percent(spread(drills.map(({ availability }) => availability))?.median ?? NaN, 2),
    reasons: [...new Set(drills.flatMap(({ reason }) => reason ?? []))],
  };
}

/** Kept connections that broke when the VIP, or the real server, was back where it was, and not before. */
function brokenOnTheWayBack({ connections, failback }: Failover): number {
  const back = failback.phases.find(({ name }) => name === 'detect');
  return back === undefined ? 0 : connections.endedMs.filter((ms) => ms >= back.toMs).length;
}

/** How much of a year one such outage a month leaves, by the median of all takeovers. Undefined without drills. */
export function projection(failovers: readonly Failover[]): string | undefined {
  const middle = spread(failovers.map(({ takeover, failback }) => takeover.outageMs + failback.outageMs));
  if (middle === undefined) return undefined;
  const monthly = projectedAvailability(middle.median, 12);
  return `one such failure a month (median of all drills, ${duration(middle.median)} with the way back) leaves ${percent(monthly, 5)} of a year`;
}

function detection({ phases }: Transition): readonly number[] {
  return phases.filter(({ name }) => name === 'detect').map(({ fromMs, toMs }) => toMs - fromMs);
}

function errorsText(drills: readonly Failover[]): string {
  const counts = new Map<string, number>();
  for (const { takeover, failback } of drills)
    for (const [kind, n] of [...Object.entries(takeover.errors), ...Object.entries(failback.errors)])
      counts.set(kind, (counts.get(kind) ?? 0) + n);
  return counts.size === 0 ? 'no probe failed' : [...counts].map(([kind, n]) => `${kind} ${count(n)}`).join(', ');
}

function rangeText(range: Range | undefined): string {
  return range === undefined ? '–' : `${duration(range.minMs)} to ${duration(range.maxMs)}`;
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
