/** When to read what, so that all readings together stay inside the budget. Pure: times and costs are given to it. */
import { CostModel } from './cost.ts';

export interface PaceOptions {
  /** Shortest time from one reading of the table to the next, and of the cheap files. */
  readonly intervalMs: number;
  readonly levelsIntervalMs: number;
  /** CPU of all readings, as a share of one CPU. */
  readonly budgetShare: number;
}

/** What the pace has to know of a reading. */
export interface PacedReading {
  readonly requestedAtMs: number;
  readonly extent: 'ready' | 'levels' | 'whole' | 'part' | 'absent';
  readonly rows: number;
  readonly size: number;
  readonly costMs: number;
}

export interface Plan {
  readonly atMs: number;
  /** Rows of the table, at most; 0 for the cheap files alone. */
  readonly rows: number;
}

/** A table that cannot be read as a whole this often is not. */
const longestMs = 30_000;
/** No reading takes longer, however large the budget. */
const longestReadingMs = 1500;
/** Time from one part of a table to the next. */
const partIntervalMs = 2000;
const leastRows = 1000;
/** As many are always read: they cost little, whatever the kernel. */
const firstRows = 5000;
/** What is left of the rows that a partial reading showed to be there, after the next one. */
const fading = 0.97;
/** What the cheap files may take of the budget. */
const levelsPart = 0.25;
/** The cost of the cheap files, weight of the newest. */
const newest = 0.2;

export class Pace {
  readonly #options: PaceOptions;
  readonly #startedMs: number;
  readonly #cost = new CostModel();
  #spentMs = 0;
  #levelsMs: number | undefined;
  #size = 0;
  /** Rows a partial reading saw: there are more. */
  #moreThan = 0;
  #seen = 0;
  #tableMs = 0;
  #lastMs = -Infinity;
  #lastTableMs = -Infinity;

  constructor(options: PaceOptions, startedMs: number) {
    this.#options = options;
    this.#startedMs = startedMs;
  }

  take({ requestedAtMs, extent, rows, size, costMs }: PacedReading): void {
    this.#spentMs += costMs;
    this.#lastMs = requestedAtMs;
    this.#size = size;
    if (extent === 'whole' || extent === 'part') {
      this.#tableMs = costMs - (this.#levelsMs ?? 0);
      this.#cost.learn(rows, this.#tableMs);
      this.#lastTableMs = requestedAtMs;
      this.#seen = rows;
      this.#moreThan = extent === 'part' ? Math.max(1.25 * rows, fading * this.#moreThan) : 0;
    } else this.#levelsMs = costMs * newest + (this.#levelsMs ?? costMs) * (1 - newest);
  }

  /** Rows the table is thought to have. */
  get size(): number {
    return Math.max(this.#size, this.#moreThan);
  }

  /** CPU time that reading the whole table would take. */
  get wholeCostMs(): number {
    return this.#cost.costMs(this.size);
  }

  /** Whether reading the whole table fits no longer. */
  get tooLarge(): boolean {
    return this.#cost.known && this.size > firstRows && this.wholeCostMs > this.#mostMs();
  }

  next(): Plan {
    const { intervalMs, levelsIntervalMs, budgetShare } = this.#options;
    const rows = this.rows();
    const tableCostMs = this.#cost.known ? this.#cost.costMs(Math.min(rows, this.size)) : this.#tableMs;
    const nextMs = tableCostMs + (this.#levelsMs ?? 0);
    const tableMs = Math.max(
      this.#lastTableMs + (this.tooLarge ? Math.max(intervalMs, partIntervalMs) : intervalMs),
      this.#startedMs + (this.#spentMs + nextMs) / budgetShare,
    );
    const levelsMs = this.#lastMs + Math.max(levelsIntervalMs, (this.#levelsMs ?? 0) / (budgetShare * levelsPart));
    return tableMs <= levelsMs ? { atMs: tableMs, rows } : { atMs: levelsMs, rows: 0 };
  }

  /**
   * At most so many rows the next time. Never all there may be: the table may have grown since, and not everything in it
   * is counted by the cheap files (templates, entries of peers and of destinations that were taken out).
   */
  rows(): number {
    if (!this.#cost.known) return firstRows;
    const fourfold = 4 * Math.max(firstRows, this.#seen);
    if (!this.tooLarge) return Math.min(fourfold, Math.max(firstRows, this.#cost.rowsFor(this.#mostMs())));
    const part = this.#cost.rowsFor(this.#options.budgetShare * (1 - levelsPart) * partIntervalMs);
    return Math.min(fourfold, Math.max(leastRows, part));
  }

  #mostMs(): number {
    return Math.min(longestReadingMs, this.#options.budgetShare * longestMs);
  }
}
