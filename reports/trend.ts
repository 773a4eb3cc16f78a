/** The last runs of a cluster, one after the other: a pure function of their records, and how text and Markdown tell it. */
import type { RunRecord } from '../lib/model/run-record.ts';
import { plain, table } from './markdown-text.ts';
import { outcomeCounts, verdictWords } from './summary.ts';
import { duration, percent, rate, utc } from './units.ts';
import { brief } from './visible.ts';

export interface TrendPoint {
  readonly id: string;
  readonly command: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly verdict: RunRecord['verdict'];
  readonly failed: number;
  /** `error` and `not-run`. */
  readonly notEvaluated: number;
  readonly load: readonly TrendLoad[];
}

export interface TrendLoad {
  readonly service: string;
  readonly profile: string;
  readonly rateRps: number;
  /** failed / sent, 0 to 1. */
  readonly errorRate: number;
  /** Of the whole answer; of an open loop corrected. Absent where nothing was answered. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

/** Runs of the same cluster that began no later, this one included, the oldest first; at most `most`. */
export function trendOf(record: RunRecord, others: readonly RunRecord[], most: number): readonly TrendPoint[] {
  const earlier = others.filter(
    ({ id, cluster, startedAt }) =>
      id !== record.id && cluster.name === record.cluster.name && startedAt <= record.startedAt,
  );
  return [...earlier.sort((one, other) => (one.startedAt < other.startedAt ? -1 : 1)), record]
    .slice(-most)
    .map(pointOf);
}

function pointOf(record: RunRecord): TrendPoint {
  const { id, command, startedAt, verdict } = record;
  const counts = outcomeCounts(record);
  return {
    id,
    command,
    startedAt,
    verdict,
    failed: counts.fail,
    notEvaluated: counts.error + counts['not-run'],
    load: record.load.map(({ service, profile, rateRps, errors, total, corrected }) => {
      const latency = corrected ?? total;
      return {
        service,
        profile,
        rateRps,
        errorRate: errors.rate,
        ...(latency === undefined ? {} : { p50Ms: latency.p50Ms, p99Ms: latency.p99Ms }),
      };
    }),
  };
}

const head = ['Run', 'Began', 'Verdict', 'Failed', 'Not evaluated', 'Load', 'Rate', 'p50', 'p99', 'Errors'] as const;

/** A row a run and load. */
function rowsOf(trend: readonly TrendPoint[]): readonly (readonly string[])[] {
  return trend.flatMap(({ id, startedAt, verdict, failed, notEvaluated, load }) => {
    const run = [id, utc(startedAt), verdictWords[verdict], String(failed), String(notEvaluated)];
    if (load.length === 0) return [[...run, 'none', '', '', '', '']];
    return load.map((one) => [
      ...run,
      `${one.service} (${one.profile})`,
      rate(one.rateRps),
      one.p50Ms === undefined ? '–' : duration(one.p50Ms),
      one.p99Ms === undefined ? '–' : duration(one.p99Ms),
      percent(one.errorRate, 2),
    ]);
  });
}

/** Ends with a newline. */
export function trendText(trend: readonly TrendPoint[]): string {
  const rows = [head, ...rowsOf(trend)].map((row) => row.map((cell) => brief(cell, 80)));
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `Trend\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** Ends with a newline. */
export function trendMarkdown(trend: readonly TrendPoint[]): string {
  return `## Trend\n\n${table(
    head,
    rowsOf(trend).map((row) => row.map(plain)),
  )}\n`;
}
