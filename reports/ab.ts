/** A load in the shape ab(1) prints, for eyes and scripts that know it. What was not measured has no line. */
import type { LatencySummary, LoadResult } from '../lib/model/load-result.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import { visibleLine } from '../lib/model/visible-text.ts';

export interface AbProfile {
  readonly concurrency: number;
  readonly mode: 'ab' | 'keepalive';
}

/** Empty where no load was sent. */
export function renderAb(record: RunRecord, profile: AbProfile): string {
  return record.load.map((load) => abText(load, profile)).join('\n');
}

function abText(load: LoadResult, { concurrency, mode }: AbProfile): string {
  const url = new URL(load.url);
  const { 'bad-status': badStatus = 0 } = load.errors.byKind;
  const seconds = load.durationMs / 1000;
  const rows: (readonly [string, string] | false)[] = [
    ['Server Hostname:', url.hostname],
    ['Server Port:', url.port === '' ? '80' : url.port],
    ['', ''],
    ['Document Path:', `${url.pathname}${url.search}`],
    ['', ''],
    ['Concurrency Level:', String(concurrency)],
    ['Time taken for tests:', `${seconds.toFixed(3)} seconds`],
    ['Complete requests:', String(load.answered + load.failed)],
    ['Failed requests:', String(load.failed)],
    load.failed > 0 && ['', `   (${kinds(load)})`],
    badStatus > 0 && ['Non-2xx responses:', String(badStatus)],
    mode === 'keepalive' && ['Keep-Alive requests:', String(load.answered)],
    load.durationMs > 0 && ['Requests per second:', `${load.rateRps.toFixed(2)} [#/sec] (mean)`],
    load.answered > 0 && [
      'Time per request:',
      `${((concurrency * load.durationMs) / load.answered).toFixed(3)} [ms] (mean)`,
    ],
    load.answered > 0 && [
      'Time per request:',
      `${(load.durationMs / load.answered).toFixed(3)} [ms] (mean, across all concurrent requests)`,
    ],
  ];
  const head = rows
    .filter((row) => row !== false)
    .map(([name, value]) => (name === '' ? value : `${name.padEnd(23)} ${visibleLine(value)}`));
  return `${[...head, ...times(load), ...percentages(load.total)].join('\n')}\n`;
}

function kinds({ errors }: LoadResult): string {
  return Object.entries(errors.byKind)
    .map(([kind, count]) => `${kind}: ${count}`)
    .join(', ');
}

function times({ connect, firstByte, total }: LoadResult): readonly string[] {
  const rows: readonly (readonly [string, LatencySummary | undefined])[] = [
    ['Connect:', connect],
    ['Waiting:', firstByte],
    ['Total:', total],
  ];
  const known = rows.flatMap(([name, latency]) => (latency === undefined ? [] : [timesRow(name, latency)]));
  if (known.length === 0) return [];
  return ['', 'Connection Times (ms)', '              min  mean[+/-sd] median   max', ...known];
}

function timesRow(name: string, { minMs, meanMs, p50Ms, maxMs, deviationMs }: LatencySummary): string {
  const whole = (ms: number, width: number) => String(Math.round(ms)).padStart(width);
  const deviation = deviationMs === undefined ? '    -' : deviationMs.toFixed(1).padStart(5);
  return `${name.padEnd(11)} ${whole(minMs, 5)} ${whole(meanMs, 4)} ${deviation} ${whole(p50Ms, 6)} ${whole(maxMs, 7)}`;
}

function percentages(total: LatencySummary | undefined): readonly string[] {
  if (total === undefined) return [];
  const known: readonly (readonly [number, number])[] = [
    [50, total.p50Ms],
    [90, total.p90Ms],
    [99, total.p99Ms],
    ...(total.percentiles ?? []).filter(([percent]) => Number.isInteger(percent)),
  ];
  const rows = known
    .toSorted(([a], [b]) => a - b)
    .map(([percent, ms]) => `  ${String(percent).padStart(2)}%  ${String(Math.round(ms)).padStart(5)}`);
  return [
    '',
    'Percentage of the requests served within a certain time (ms)',
    ...rows,
    ` 100%  ${String(Math.round(total.maxMs)).padStart(5)} (longest request)`,
    '',
  ];
}
