/** What every benchmark gives, and how it is printed. The shape is public (`npm run bench -- NAME --json`). */
import { cpus, loadavg, release, totalmem } from 'node:os';

export interface BenchResult {
  readonly name: string;
  readonly machine: Machine;
  readonly rows: readonly BenchRow[];
  /** `ours/ab`: our median over theirs. Only of what was measured. */
  readonly ratios: Readonly<Record<string, number>>;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMb: number;
  readonly kernel: string;
  readonly node: string;
  /** Of the last minute before the benchmark: above 0.5 a core, somebody else was working. */
  readonly loadAverage: number;
}

export interface BenchRow {
  readonly what: string;
  /** `ours`, or the peer's name. */
  readonly who: string;
  /** Null when nothing was measured. */
  readonly median: number | null;
  readonly unit: string;
  /** In the order they were taken. */
  readonly runs: readonly number[];
  /** Why there is no figure, or what to know about it. */
  readonly note?: string;
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 1024 / 1024),
    kernel: release(),
    node: process.versions.node,
    loadAverage: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

export function rowOf(what: string, who: string, unit: string, runs: readonly number[], note?: string): BenchRow {
  return { what, who, median: medianOf(runs), unit, runs, ...(note === undefined ? {} : { note }) };
}

export function medianOf(runs: readonly number[]): number | null {
  const sorted = runs.toSorted((a, b) => a - b);
  const high = sorted[Math.floor(sorted.length / 2)];
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  return high === undefined || low === undefined ? null : (low + high) / 2;
}

/** `name: a/b`, of the rows' medians; nothing where either is missing. */
export function ratioOf(over?: BenchRow, under?: BenchRow): number | undefined {
  if (over?.median == null || under?.median == null || under.median === 0) return undefined;
  return Math.round((over.median / under.median) * 1000) / 1000;
}

/** As lines for people. */
export function benchTable({ name, machine, rows, ratios }: BenchResult): string {
  const { cpu, cores, memoryMb, kernel, node, loadAverage } = machine;
  const cells = rows.map(({ what, who, median, unit, runs, note }) => [
    what,
    who,
    median === null ? '-' : figure(median),
    unit,
    runs.length === 0 ? '' : `${figure(Math.min(...runs))} to ${figure(Math.max(...runs))}, ${runs.length} runs`,
    note ?? '',
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => (column === 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  const ratioLines = Object.entries(ratios).map(([pair, ratio]) => `${pair}: ${ratio}`);
  return [
    `${name}: ${cores} x ${cpu}, ${memoryMb} MB, Linux ${kernel}, node ${node}, load average before ${loadAverage}`,
    ...lines,
    ...ratioLines,
  ].join('\n');
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
