/** Reading after reading, as often as the budget allows, and the holes between them. */
import type { Sampling, TableSample } from '../model/observations.ts';
import type { TableReader, TableReading } from './table-reader.ts';

/** A reading that takes longer leaves a hole in the picture. */
const lateMs = 2000;
/** From the last SYN of a connection until its entry can be called stuck, and a sample later. */
const undecidedMs = 3800;

export interface SeriesOptions {
  readonly intervalMs: number;
  /** CPU of the readings, as a share of one CPU. */
  readonly budgetShare: number;
  readonly onSample?: (sample: TableSample) => void;
}

/** What a series needs of a `TableReader`. */
export type Readings = Pick<TableReader, 'read' | 'ended' | 'close' | 'startCpuMs'>;

interface Hole {
  readonly fromMs: number;
  readonly reason: string;
}

export class Series {
  readonly #reader: Readings;
  readonly #options: SeriesOptions;
  readonly #samples: TableSample[] = [];
  readonly #gaps: (Hole & { readonly toMs: number })[] = [];
  readonly #startedMs = performance.now();
  #hole: Hole | undefined;
  #reused = 0;
  #cpuMs: number;
  #lastMs = this.#startedMs;
  #loop: Promise<void> = Promise.resolve();
  #ending = false;
  #over = false;
  #wake: () => void = () => undefined;

  constructor(reader: Readings, options: SeriesOptions) {
    this.#reader = reader;
    this.#options = options;
    this.#cpuMs = reader.startCpuMs;
  }

  /** Goes on from the first reading until `end`, or until the program has ended. */
  begin(first: TableReading | undefined): void {
    this.#loop = this.#run(first);
  }

  /**
   * Lets the counters settle, sampling on; longer while the newest sample has SYN_RECV entries that are too young to be
   * called stuck. Ends with a sample.
   */
  async settle(settleMs: number, signal: AbortSignal): Promise<void> {
    const begunMs = performance.now();
    const elapsedMs = () => performance.now() - begunMs;
    const stepMs = 100;
    while (!signal.aborted && (elapsedMs() < settleMs || (elapsedMs() < undecidedMs && this.#undecided()))) {
      const leftMs = elapsedMs() < settleMs ? settleMs - elapsedMs() : stepMs;
      await new Promise((resolve) => setTimeout(resolve, Math.min(stepMs, Math.max(1, leftMs))));
    }
    const { intervalMs } = this.#options;
    if (!signal.aborted && performance.now() - this.#lastMs > 2 * intervalMs) this.#wake();
  }

  /** Takes the reading under way, or leaves it when it is late, and closes the program. */
  async end(): Promise<void> {
    this.#ending = true;
    this.#wake();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, lateMs + 500);
    });
    await Promise.race([this.#loop, late]);
    clearTimeout(timer);
    await this.#reader.close();
    await this.#loop;
    this.#lastMs = performance.now();
    if (this.#hole !== undefined) this.#close(this.#lastMs);
  }

  /** Connections that went on in an entry of an earlier one, as far as readings saw it. */
  get reused(): number {
    return this.#reused;
  }

  record(zeroAtMs: number): Pick<Sampling, 'samples' | 'gaps' | 'costShare'> {
    const elapsedMs = this.#lastMs - this.#startedMs;
    const fromZero = (atMs: number) => Math.round((atMs - zeroAtMs) * 10) / 10;
    return {
      samples: this.#samples.map((sample) => ({ ...sample, atMs: fromZero(sample.atMs) })),
      gaps: this.#gaps.map(({ fromMs, toMs, reason }) => ({ fromMs: fromZero(fromMs), toMs: fromZero(toMs), reason })),
      costShare: elapsedMs > 0 ? (this.#cpuMs - this.#reader.startCpuMs) / elapsedMs : 0,
    };
  }

  async #run(first: TableReading | undefined): Promise<void> {
    try {
      let reading = first;
      while (reading !== undefined) {
        this.#take(reading);
        if (!this.#ending) await this.#pause(this.#waitMs(reading));
        // Ended while it waited: nothing was missed.
        if (this.#ending) return;
        reading = await this.#reader.read();
      }
      this.#open(await this.#reader.ended());
    } catch (error) {
      this.#open(error instanceof Error ? error.message : String(error));
    } finally {
      this.#over = true;
    }
  }

  #take({ atMs, requestedAtMs, counts, entries, cpuMs, extent, reused }: TableReading): void {
    const costMs = cpuMs - this.#cpuMs;
    this.#cpuMs = cpuMs;
    this.#reused = reused;
    if (extent === 'cut')
      this.#open(`reading the table was given up after ${entries} entries, for the director's sake`);
    else if (extent === 'absent') this.#open('the connection table was gone');
    else {
      const tookMs = atMs - requestedAtMs;
      if (tookMs > lateMs) this.#open(`the director took ${(tookMs / 1000).toFixed(1)} s to answer`);
      if (this.#hole !== undefined) this.#close(atMs);
      const sample = { atMs, counts, entries, costMs };
      this.#samples.push(sample);
      this.#options.onSample?.(sample);
    }
    this.#lastMs = atMs;
  }

  /** Until the next reading: the interval, or as long as all readings, the next one included, must be spread over to fit the budget. */
  #waitMs({ requestedAtMs }: TableReading): number {
    const { intervalMs, budgetShare } = this.#options;
    const nowMs = performance.now();
    const spentMs = this.#cpuMs - this.#reader.startCpuMs;
    const nextMs = spentMs / Math.max(1, this.#samples.length);
    const byBudget = this.#startedMs + (spentMs + nextMs) / budgetShare;
    return Math.max(0, Math.max(requestedAtMs + intervalMs, byBudget) - nowMs);
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => undefined;
  }

  #undecided(): boolean {
    if (this.#over) return false;
    return (
      this.#samples.at(-1)?.counts.some(({ state, entries, stuck }) => state === 'SYN_RECV' && entries > stuck) ?? false
    );
  }

  #open(reason: string): void {
    const fromMs = this.#samples.at(-1)?.atMs ?? this.#startedMs;
    this.#hole ??= { fromMs, reason };
  }

  #close(toMs: number): void {
    if (this.#hole !== undefined) this.#gaps.push({ ...this.#hole, toMs });
    this.#hole = undefined;
  }
}
