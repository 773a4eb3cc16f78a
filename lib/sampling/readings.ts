/**
 * Reading after reading of one director, as often as the budget allows, until `end`: what is lost in between is told, and
 * the program started again as soon as the director answers.
 */
import type { VirtualService } from '../model/cluster.ts';
import type { Host } from '../ssh/host.ts';
import { Pace, type PaceOptions } from './pace.ts';
import { TableReader, type TableReading } from './table-reader.ts';

export interface ReadingsOptions extends PaceOptions {
  readonly signal: AbortSignal;
  /** Where /proc is. */
  readonly proc: string;
}

/** Who is told of everything, in the order it happened. */
export interface ReadingsListener {
  reading(reading: TableReading, about: ReadingAbout): void;
  /** There are no readings from now on, until the next one. */
  lost(reason: string): void;
  /** The director was started anew while it was lost. */
  restarted(): void;
}

export interface ReadingAbout {
  /** Rows the table is thought to have, and what reading them all would cost. */
  readonly size: number;
  readonly wholeCostMs: number;
  /** Reading all of them would not fit into the budget. */
  readonly tooLarge: boolean;
}

/** Between attempts to reach the director again. */
const againMs = { first: 250, most: 5000 } as const;
/** A reading under way is waited for, at the end. */
const lateMs = 2500;

export class Readings {
  readonly #host: Host;
  readonly #services: readonly VirtualService[];
  readonly #options: ReadingsOptions;
  readonly #listener: ReadingsListener;
  readonly #pace: Pace;
  readonly #stopped = new AbortController();
  readonly startedMs = performance.now();
  #reader: TableReader;
  #loop: Promise<void> = Promise.resolve();
  #costMs = 0;
  #ending = false;
  #over = false;
  #now = false;
  #wake: () => void = () => undefined;

  private constructor(
    host: Host,
    services: readonly VirtualService[],
    options: ReadingsOptions,
    listener: ReadingsListener,
    reader: TableReader,
  ) {
    this.#host = host;
    this.#services = services;
    this.#options = options;
    this.#listener = listener;
    this.#reader = reader;
    this.#pace = new Pace(options, this.startedMs);
  }

  /** Throws what `Host.spawn` throws, EXEC_TIMEOUT, EXEC_FAILED, ABORTED. Nothing is read before `begin`. */
  static async open(
    host: Host,
    services: readonly VirtualService[],
    options: ReadingsOptions,
    listener: ReadingsListener,
  ): Promise<Readings> {
    const reader = await TableReader.open(host, services, options.proc, options.signal);
    return new Readings(host, services, options, listener, reader);
  }

  /** The first reading; undefined when there was none. The others follow by themselves. */
  async begin(): Promise<TableReading | undefined> {
    const first = await this.#reader.read(this.#pace.rows());
    if (first !== undefined) this.#take(first);
    this.#loop = this.#run(first !== undefined);
    return first;
  }

  /** CPU time of the director so far. */
  get costMs(): number {
    return this.#costMs;
  }

  /** Whether no more readings will come. */
  get over(): boolean {
    return this.#over;
  }

  /** Reads the table now, whatever the pace; not one that is too large, of which a part more would tell nothing new. */
  hurry(): void {
    if (this.#pace.tooLarge) return;
    this.#now = true;
    this.#wake();
  }

  /** Takes the reading under way, or leaves it when it is late, and ends the program. Idempotent; never rejects. */
  async end(): Promise<void> {
    this.#ending = true;
    this.#wake();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, lateMs);
    });
    await Promise.race([this.#loop, late]);
    clearTimeout(timer);
    this.#stopped.abort();
    await this.#reader.close();
    await this.#loop;
  }

  async #run(alive: boolean): Promise<void> {
    let goes = alive;
    while (!this.#done()) {
      let reason: string;
      try {
        if (goes) await this.#read();
        if (this.#done()) break;
        reason = await this.#reader.ended();
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
      if (!this.#done()) {
        this.#listener.lost(reason);
        goes = await this.#again();
      }
    }
    this.#over = true;
  }

  /** Until the program answers no more. */
  async #read(): Promise<void> {
    while (!this.#done()) {
      const plan = this.#pace.next();
      if (!this.#now) await this.#pause(plan.atMs - performance.now());
      // Ended while it waited: nothing was missed.
      if (this.#done()) return;
      const rows = this.#now && plan.rows === 0 ? this.#pace.rows() : plan.rows;
      this.#now = false;
      const reading = await this.#reader.read(rows);
      if (reading === undefined) return;
      this.#take(reading);
    }
  }

  #take(reading: TableReading): void {
    this.#costMs += reading.costMs;
    this.#pace.take(reading);
    const { size, wholeCostMs, tooLarge } = this.#pace;
    this.#listener.reading(reading, { size, wholeCostMs, tooLarge });
  }

  /** Starts the program again, as often as it takes. False when there is no time left for it. */
  async #again(): Promise<boolean> {
    const { signal, proc } = this.#options;
    const stop = AbortSignal.any([signal, this.#stopped.signal]);
    const { bootId } = this.#reader;
    await this.#reader.close();
    for (let waitMs: number = againMs.first; !this.#done(); waitMs = Math.min(2 * waitMs, againMs.most)) {
      await this.#pause(waitMs);
      if (this.#done()) return false;
      try {
        this.#reader = await TableReader.open(this.#host, this.#services, proc, stop);
        if (this.#reader.bootId !== bootId) this.#listener.restarted();
        return true;
      } catch {
        // Why it is gone was told when it went.
      }
    }
    return false;
  }

  #done(): boolean {
    return this.#ending || this.#options.signal.aborted;
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#options;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, ms));
      signal.addEventListener('abort', done);
      this.#wake = done;
    });
    this.#wake = () => undefined;
  }
}
