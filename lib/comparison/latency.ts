/** Percentiles of a latency with their intervals, from what a record keeps of its histogram. */
import type { LatencySummary } from '../model/load-result.ts';
import { type Estimate, z } from './estimate.ts';

/** Values expected above a percentile below which its interval would reach past the largest one. */
const fewestBeyond = 7;

/** Requests that it takes to say within what bounds a percentile lies. */
export function requestsFor(percent: number): number {
  return Math.ceil(fewestBeyond / (1 - percent / 100));
}

/**
 * The percentile and the values of the ranks that bound it (the interval of an order statistic, by the normal approximation of
 * the binomial); between the values that the record keeps, by a straight line over their logarithms. Undefined with fewer
 * than `requestsFor(percent)` values.
 */
export function percentileEstimate(summary: LatencySummary, percent: 50 | 99): Estimate | undefined {
  const { count } = summary;
  if (count < requestsFor(percent)) return undefined;
  const value = percent === 50 ? summary.p50Ms : summary.p99Ms;
  const share = percent / 100;
  const half = z * Math.sqrt((share * (1 - share)) / count);
  const points = pointsOf(summary);
  return {
    value,
    low: Math.min(value, valueAt(points, share - half)),
    high: Math.max(value, valueAt(points, share + half)),
  };
}

/** [share at or below, ms], rising in both. */
type Point = readonly [share: number, ms: number];

function pointsOf(summary: LatencySummary): readonly Point[] {
  const { count, minMs, p50Ms, p90Ms, p99Ms, maxMs, percentiles = [], buckets } = summary;
  let below = 0;
  const edges = buckets.map(([edgeMs, inside]): Point => [(below += inside) / count, edgeMs]);
  const known: readonly Point[] = [
    [1 / count, minMs],
    [0.5, p50Ms],
    [0.9, p90Ms],
    [0.99, p99Ms],
    ...percentiles.map(([percent, ms]): Point => [percent / 100, ms]),
    ...edges.filter(([share]) => share > 0 && share < 1),
    [1, maxMs],
  ];
  let highest = minMs;
  return [...known]
    .sort(([one], [other]) => one - other)
    .map(([share, ms]): Point => [share, (highest = Math.min(maxMs, Math.max(highest, ms)))]);
}

function valueAt(points: readonly Point[], share: number): number {
  const next = points.findIndex(([at]) => at >= share);
  const [above, below] = [points[next], points[next - 1]];
  if (above === undefined) return points.at(-1)?.[1] ?? 0;
  if (below === undefined || above[0] === below[0]) return above[1];
  const part = (share - below[0]) / (above[0] - below[0]);
  return Math.exp(Math.log(below[1]) + part * (Math.log(above[1]) - Math.log(below[1])));
}
