/** Figures of a load result that a threshold of the cluster file can name. */
import type { LatencySummary, LoadResult } from './load-result.ts';

/** What a figure is counted in: a share of 1, milliseconds, a number, or so many a second. */
export type MetricUnit = 'fraction' | 'ms' | 'count' | 'per-second';

interface Metric {
  readonly unit: MetricUnit;
  /** Undefined when the run has no sample for it. */
  readonly of: (load: LoadResult) => number | undefined;
}

const count = (of: Metric['of']): Metric => ({ unit: 'count', of });
const perSecond = (of: Metric['of']): Metric => ({ unit: 'per-second', of });
const ms = (of: Metric['of']): Metric => ({ unit: 'ms', of });

const errorKinds = [
  'refused',
  'reset',
  'connect-timeout',
  'response-timeout',
  'unreachable',
  'no-resource',
  'short-read',
  'bad-status',
  'bad-body',
  'other',
] as const satisfies readonly (keyof LoadResult['errors']['byKind'])[];

const latencies: Readonly<Record<string, (load: LoadResult) => LatencySummary | undefined>> = {
  connect: (load) => load.connect,
  secured: (load) => load.secured,
  first_byte: (load) => load.firstByte,
  total: (load) => load.total,
  corrected: (load) => load.corrected,
  lateness: (load) => load.openLoop?.lateness,
};

/** Percentiles besides those that every summary has. */
const percentiles = [66, 75, 80, 95, 98, 99.9] as const;

function figuresOf(pick: (load: LoadResult) => LatencySummary | undefined): readonly (readonly [string, Metric])[] {
  return [
    ['min', ms((load) => pick(load)?.minMs)],
    ['mean', ms((load) => pick(load)?.meanMs)],
    ['p50', ms((load) => pick(load)?.p50Ms)],
    ['p90', ms((load) => pick(load)?.p90Ms)],
    ['p99', ms((load) => pick(load)?.p99Ms)],
    ['max', ms((load) => pick(load)?.maxMs)],
    ...percentiles.map((percent) => [`p${percent}`, ms((load) => percentileMs(pick(load), percent))] as const),
  ];
}

/** Undefined where the summary does not have it. */
export function percentileMs(latency: LatencySummary | undefined, percent: number): number | undefined {
  return latency?.percentiles?.find(([one]) => one === percent)?.[1];
}

const metrics: ReadonlyMap<string, Metric> = new Map<string, Metric>([
  ['errors.rate', { unit: 'fraction', of: ({ errors }) => errors.rate }],
  ['errors.count', count(({ failed }) => failed)],
  ...errorKinds.map((kind) => [`errors.${kind}`, count(({ errors }) => errors.byKind[kind] ?? 0)] as const),
  ['rate', perSecond(({ rateRps }) => rateRps)],
  ['sent', count(({ sent }) => sent)],
  ['answered', count(({ answered }) => answered)],
  ['not_sent', count(({ requested, sent }) => requested - sent)],
  ['unattributed', count(({ unattributed }) => unattributed)],
  ['offered', perSecond(({ openLoop }) => openLoop?.offeredRps)],
  ['achieved', perSecond(({ openLoop }) => openLoop?.achievedRps)],
  ['late.count', count(({ openLoop }) => openLoop?.lateSends)],
  [
    'late.rate',
    {
      unit: 'fraction',
      of: ({ openLoop, sent }) => (openLoop === undefined || sent === 0 ? undefined : openLoop.lateSends / sent),
    },
  ],
  [
    'syn_retransmits',
    count(({ synRetransmits }) => synRetransmits?.handshakes.reduce((sum, { connections }) => sum + connections, 0)),
  ],
  ['capacity', perSecond(({ capacity }) => capacity?.rateRps)],
  ...Object.entries(latencies).flatMap(([prefix, pick]) =>
    figuresOf(pick).map(([name, metric]) => [`${prefix}.${name}`, metric] as const),
  ),
]);

export const metricNames: readonly string[] = [...metrics.keys()];

/** Those whose value is known while the load goes on, so that it can be ended for them. */
export const runningMetrics: readonly string[] = ['errors.rate', 'errors.count'];

/** Milliseconds for a name outside `metricNames`, as most are. */
export function unitOf(metric: string): MetricUnit {
  return metrics.get(metric)?.unit ?? 'ms';
}

/** Undefined when the run has no sample for it; throws nothing for a name outside `metricNames`, which has no sample either. */
export function metricValue(load: LoadResult, name: string): number | undefined {
  return metrics.get(name)?.of(load);
}
