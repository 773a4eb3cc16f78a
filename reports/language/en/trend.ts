/** The last runs of the cluster. */
import { count, plural } from '../../numbers.ts';

export const trend = {
  title: 'Trend',
  intro: (n: number) =>
    `The last ${plural(n, 'run')} of this cluster that were found beside this one, the oldest first.`,
  columns: [
    'Run',
    'Began',
    'Verdict',
    'Failed',
    'Not evaluated',
    'Load',
    'Rate',
    'p50',
    'p99',
    'Errors',
  ] as readonly string[],
  none: 'none',
  ofLoad: (service: string, profile: string) => `${service} (${profile})`,
  checks: 'Failed and not evaluated',
  failed: 'failed',
  notEvaluated: 'not evaluated',
  latency: (load: string) => `Latency of ${load}`,
  runs: 'runs, this one last',
  number: 'checks',
  checksSummary: (runs: number, failed: number, open: number) =>
    `Failed and not evaluated checks of ${plural(runs, 'run')}: ${count(failed)} and ${count(open)} in the last. The table below has them all.`,
  latencySummary: (load: string, runs: number, p50: string, p99: string) =>
    `Latency of ${load} in ${plural(runs, 'run')}: p50 ${p50} and p99 ${p99} in the last. The table below has them all.`,
};
