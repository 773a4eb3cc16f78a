/** Figures of a load result that a threshold of the cluster file can name. Times in ms, rates as fractions, `rate` in requests a second. */
import type { LatencySummary, LoadResult } from './observations.ts';

type Metric = (load: LoadResult) => number | undefined;

const latency = (pick: (load: LoadResult) => LatencySummary | undefined): Record<string, Metric> => ({
  min: (load) => pick(load)?.minMs,
  mean: (load) => pick(load)?.meanMs,
  p50: (load) => pick(load)?.p50Ms,
  p90: (load) => pick(load)?.p90Ms,
  p99: (load) => pick(load)?.p99Ms,
  max: (load) => pick(load)?.maxMs,
});

const prefixed = (prefix: string, metrics: Record<string, Metric>): [string, Metric][] =>
  Object.entries(metrics).map(([name, metric]) => [`${prefix}.${name}`, metric]);

const metrics: ReadonlyMap<string, Metric> = new Map<string, Metric>([
  ['errors.rate', (load) => load.errors.rate],
  ['errors.count', (load) => load.failed],
  ['rate', (load) => load.rateRps],
  ...prefixed(
    'connect',
    latency((load) => load.connect),
  ),
  ...prefixed(
    'total',
    latency((load) => load.total),
  ),
]);

export const metricNames: readonly string[] = [...metrics.keys()];

/** Undefined when the run has no sample for it; throws nothing for a name outside `metricNames`, which has no sample either. */
export function metricValue(load: LoadResult, name: string): number | undefined {
  return metrics.get(name)?.(load);
}
