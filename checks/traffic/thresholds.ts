import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import { loadObstacle, type Threshold } from '../../lib/model/cluster.ts';
import { metricValue } from '../../lib/model/metrics.ts';

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
    const judged = wanted.map((threshold) => ({ threshold, value: metricValue(load, threshold.metric) }));
    const found = Object.fromEntries(judged.map(({ threshold, value }) => [threshold.metric, value ?? null]));
    const crossed = judged.flatMap(({ threshold, value }) =>
      value === undefined ? [] : crossings(threshold, value).map((text) => `${text} (${threshold.metric})`),
    );
    if (crossed.length > 0) {
      return fail({
        reason: `Under profile ${load.profile} ${service.name} crosses ${listed(crossed)}`,
        found,
        expected: wanted.map(({ metric, min, max }) => ({
          metric,
          ...(min === undefined ? {} : { min }),
          ...(max === undefined ? {} : { max }),
        })),
        evidence: quoted,
      });
    }
    const absent = judged.filter(({ value }) => value === undefined).map(({ threshold }) => threshold.metric);
    if (absent.length > 0) {
      return cannotTell(`The load on ${service.name} has no sample for ${listed(absent)}`, quoted);
    }
    return pass(found, quoted);
  },
});

function crossings({ metric, min, max }: Threshold, value: number): string[] {
  return [
    ...(max !== undefined && value > max ? [`${figure(metric, value)} over ${figure(metric, max)}`] : []),
    ...(min !== undefined && value < min ? [`${figure(metric, value)} under ${figure(metric, min)}`] : []),
  ];
}

function figure(metric: string, value: number): string {
  if (metric === 'errors.rate') return `${Number((value * 100).toPrecision(4))}%`;
  if (metric === 'rate') return `${Number(value.toPrecision(6))}/s`;
  return metric === 'errors.count' ? String(value) : `${Number(value.toPrecision(4))} ms`;
}
