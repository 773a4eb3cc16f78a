import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import { loadObstacle, type Threshold } from '../../lib/model/cluster.ts';
import { metricValue, unitOf } from '../../lib/model/metrics.ts';
import type { LoadResult } from '../../lib/model/load-result.ts';

export const thresholds = defineCheck({
  id: 'traffic/thresholds',
  title: "Load stays within the cluster file's thresholds",
  failureTitle: 'Load crosses a threshold of the cluster file',
  sees: [],
  severity: 'mandatory',
  stage: 'traffic',
  scope: 'service',
  requires: ['load'],
  inapplicable: ({ service }) => loadObstacle(service),
  doc: {
    why: 'What is good enough is for the operator to say: a share of errors, a percentile of a time, a rate.',
    byHand: ['ab -n 2000 -c 50 -e percentiles.csv http://VIP/'],
    references: ['The cluster file, `thresholds`'],
  },
  evaluate({ load }, { cluster, service }, { evidence }) {
    const wanted = cluster.thresholds.filter((threshold) => threshold.load === load.profile);
    if (wanted.length === 0) return notApplicable(`The cluster file sets no threshold for profile ${load.profile}`);
    const quoted = [evidence('load')];
    const rules = wanted.map((threshold) => ruleOf(threshold, load));
    const found = rules.map(({ rule }) => rule);
    const crossed = rules.flatMap((rule) => rule.crossed);
    const absent = found.filter(({ outcome }) => outcome === 'no sample').map(({ metric }) => metric);
    const silent = `the load has no sample for ${listed(absent)}`;
    if (crossed.length > 0) {
      return fail({
        reason:
          `Under profile ${load.profile} ${service.name} crosses ${listed(crossed)}` +
          (load.stopped === 'threshold' ? '; the load was ended for it' : '') +
          (absent.length === 0 ? '' : `; ${silent}`),
        found,
        expected: wanted.map(({ metric, min, max }) => ({
          metric,
          ...(min === undefined ? {} : { min }),
          ...(max === undefined ? {} : { max }),
        })),
        evidence: quoted,
      });
    }
    if (absent.length > 0) return cannotTell(`Thresholds of ${service.name} cannot be judged: ${silent}`, quoted);
    return pass(found, quoted);
  },
});

interface Rule {
  readonly metric: string;
  /** Null without a sample. */
  readonly value: number | null;
  readonly min?: number;
  readonly max?: number;
  readonly outcome: 'pass' | 'fail' | 'no sample';
}

/** A load that was ended for a threshold crossed it, whatever the figure was when the last answers had come. */
function ruleOf(threshold: Threshold, load: LoadResult): { readonly rule: Rule; readonly crossed: readonly string[] } {
  const { metric, min, max } = threshold;
  const final = metricValue(load, metric);
  const value =
    load.abortedBy?.metric === metric && (final === undefined || crossings(threshold, final).length === 0)
      ? load.abortedBy.value
      : final;
  const limits = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  if (value === undefined) return { rule: { metric, value: null, ...limits, outcome: 'no sample' }, crossed: [] };
  const crossed = crossings(threshold, value).map((text) => `${text} (${metric})`);
  return { rule: { metric, value, ...limits, outcome: crossed.length > 0 ? 'fail' : 'pass' }, crossed };
}

function crossings({ metric, min, max }: Threshold, value: number): string[] {
  return [
    ...(max !== undefined && value > max ? [`${figure(metric, value)} over ${figure(metric, max)}`] : []),
    ...(min !== undefined && value < min ? [`${figure(metric, value)} under ${figure(metric, min)}`] : []),
  ];
}

function figure(metric: string, value: number): string {
  switch (unitOf(metric)) {
    case 'fraction':
      return `${Number((value * 100).toPrecision(4))}%`;
    case 'per-second':
      return `${Number(value.toPrecision(6))}/s`;
    case 'count':
      return String(value);
    case 'ms':
      return `${Number(value.toPrecision(4))} ms`;
  }
}
