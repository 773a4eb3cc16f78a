/** The last runs of a cluster, one after the other: a pure function of their records, and how formats tell it. */
import type { Failover } from '../lib/model/failover.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import { inLanguage, words } from './language/index.ts';
import type { Language } from './language/names.ts';
import { plain, table } from './markdown-text.ts';
import { outcomeCounts } from './summary.ts';
import { duration, percent, rate, utc } from './units.ts';
import { brief } from './visible.ts';
import { columnsOf } from './wrapping.ts';

export interface TrendPoint {
  readonly id: string;
  readonly command: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly verdict: RunRecord['verdict'];
  /** Checks and drills. */
  readonly failed: number;
  /** `error` and `not-run`, and drills without a verdict. */
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
  const drills = (wanted: Failover['outcome']) => record.failovers.filter(({ outcome }) => outcome === wanted).length;
  return {
    id,
    command,
    startedAt,
    verdict,
    failed: counts.fail + drills('fail'),
    notEvaluated: counts.error + counts['not-run'] + drills('inconclusive'),
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

export interface TrendRow {
  readonly verdict: RunRecord['verdict'];
  /** As `words().trend.columns` names them. */
  readonly cells: readonly string[];
}

/** A row a run and load. */
export function trendRows(trend: readonly TrendPoint[]): readonly TrendRow[] {
  const { trend: say, summary } = words();
  return trend.flatMap(({ id, startedAt, verdict, failed, notEvaluated, load }) => {
    const run = [id, utc(startedAt), summary.verdicts[verdict], String(failed), String(notEvaluated)];
    if (load.length === 0) return [{ verdict, cells: [...run, say.none, '', '', '', ''] }];
    return load.map((one) => ({
      verdict,
      cells: [
        ...run,
        say.ofLoad(one.service, one.profile),
        rate(one.rateRps),
        one.p50Ms === undefined ? '–' : duration(one.p50Ms),
        one.p99Ms === undefined ? '–' : duration(one.p99Ms),
        percent(one.errorRate, 2),
      ],
    }));
  });
}

/** Ends with a newline. */
export function trendText(trend: readonly TrendPoint[], language: Language = 'en'): string {
  return inLanguage(language, () => textOf(trend));
}

function textOf(trend: readonly TrendPoint[]): string {
  const { columns, title } = words().trend;
  const rows = [columns, ...trendRows(trend).map(({ cells }) => cells)].map((row) =>
    row.map((cell) => brief(cell, 80)),
  );
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => columnsOf(row[column] ?? ''))));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => `${cell}${' '.repeat(Math.max(0, (widths[column] ?? 0) - columnsOf(cell)))}`)
      .join('  ')
      .trimEnd(),
  );
  return `${title}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** Ends with a newline. */
export function trendMarkdown(trend: readonly TrendPoint[]): string {
  const { columns, title } = words().trend;
  return `## ${title}\n\n${table(
    columns,
    trendRows(trend).map(({ cells }) => cells.map(plain)),
  )}\n`;
}
