/** The levels of one service over time: one row a reading, and every second one where there would be too many. */
import type { Levels, TableTotals } from '../model/sampling.ts';
import type { DestinationLevel } from '../parse/table-sample.ts';

/** More rows than can be drawn. */
const mostRows = 1200;

const columns = ['connections', 'inPackets', 'outPackets', 'inBytes', 'outBytes'] as const;

interface Row {
  readonly atMs: number;
  readonly entries: ReadonlyMap<string, readonly [active: number, inactive: number]>;
  readonly totals?: readonly number[];
}

export class LevelRecording {
  #rows: Row[] = [];
  #every = 1;
  #count = 0;
  #before: TableTotals | undefined;
  #totals: readonly number[] = columns.map(() => 0);

  take(atMs: number, levels: readonly DestinationLevel[], totals: TableTotals | undefined): void {
    if (totals !== undefined) this.#add(totals);
    if (this.#count++ % this.#every !== 0) return;
    const entries = new Map(
      levels.map(({ destination, active, inactive }) => [destination, [active, inactive] as const]),
    );
    this.#rows.push({ atMs, entries, ...(totals === undefined ? {} : { totals: this.#totals }) });
    if (this.#rows.length <= mostRows) return;
    this.#rows = this.#rows.filter((_, index) => index % 2 === 0);
    this.#every *= 2;
  }

  /** What comes next is not counted from here. */
  interrupted(): void {
    this.#before = undefined;
  }

  /** `at` turns a time into one of the record. Undefined when there was nothing. */
  record(at: (atMs: number) => number): Levels | undefined {
    if (this.#rows.length === 0) return undefined;
    const destinations = [...new Set(this.#rows.flatMap(({ entries }) => [...entries.keys()]))].sort();
    const steps = this.#rows.slice(1).map(({ atMs }, index) => atMs - (this.#rows[index]?.atMs ?? atMs));
    return {
      intervalMs: Math.round(steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0),
      destinations,
      rows: this.#rows.map(({ atMs, entries }) => [
        at(atMs),
        ...destinations.flatMap((name) => entries.get(name) ?? [null, null]),
      ]),
      totals: this.#rows.flatMap(({ atMs, totals }) => (totals === undefined ? [] : [[at(atMs), ...totals]])),
    };
  }

  /** Counters that went back (a restart, ipvsadm -Z) count from there. */
  #add(totals: TableTotals): void {
    const before = this.#before;
    this.#before = totals;
    if (before === undefined || columns.some((name) => totals[name] < before[name])) return;
    this.#totals = columns.map((name, index) => (this.#totals[index] ?? 0) + totals[name] - before[name]);
  }
}
