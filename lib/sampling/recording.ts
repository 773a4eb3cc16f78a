/** What the readings of one director say of one of its services, over time, and the holes between them. */
import type { Levels, PartlyRead, Resent, Sampling, TableSample } from '../model/sampling.ts';
import { LevelRecording } from './level-recording.ts';
import type { ReadingAbout, ReadingsListener } from './readings.ts';
import type { TableReading } from './table-reader.ts';

/** A reading that takes longer leaves a hole in the picture. */
const lateMs = 2000;

interface Hole {
  readonly fromMs: number;
  readonly reason: string;
  /** Parts of the table were read. */
  readonly partly: boolean;
}

export interface RecordingOptions {
  readonly startedMs: number;
  readonly budgetShare: number;
  readonly onSample?: (sample: TableSample) => void;
}

export class Recording implements ReadingsListener {
  readonly #service: number;
  readonly #host: string;
  readonly #options: RecordingOptions;
  readonly #samples: TableSample[] = [];
  readonly #gaps: { readonly fromMs: number; readonly toMs: number; readonly reason: string }[] = [];
  readonly #parts: PartlyRead['samples'][number][] = [];
  readonly #levels = new LevelRecording();
  readonly #restartsMs: number[] = [];
  #hole: Hole | undefined;
  #wholeCostMs = 0;
  /** Of the programs before the one that runs, which counts from 0. */
  #resentBefore: readonly Resent[] = [];
  #resent: readonly Resent[] = [];
  #reusedBefore = 0;
  #reused = 0;
  #synced = 0;
  #costMs = 0;
  #restarting = false;
  #restarted = false;

  /** `service` is its number. */
  constructor(service: number, host: string, options: RecordingOptions) {
    this.#service = service;
    this.#host = host;
    this.#options = options;
  }

  get last(): TableSample | undefined {
    return this.#samples.at(-1);
  }

  /** Whether the director was started anew. */
  get wasRestarted(): boolean {
    return this.#restarted;
  }

  reading(reading: TableReading, about: ReadingAbout): void {
    const { atMs, requestedAtMs, extent, costMs } = reading;
    this.#costMs += costMs;
    if (this.#restarting) this.#restartsMs.push(atMs);
    this.#restarting = false;
    if (extent === 'absent') {
      this.#open('the connection table was gone');
      return;
    }
    this.#levels.take(
      atMs,
      reading.levels.filter(({ service }) => service === this.#service),
      reading.totals,
    );
    if (extent !== 'whole' && extent !== 'part') return;
    const tookMs = atMs - requestedAtMs;
    const sample = { atMs, counts: this.#of(reading.counts), entries: reading.rows, costMs: this.#costMs };
    this.#costMs = 0;
    this.#resent = this.#of(reading.resent);
    this.#reused = this.#of(reading.reused)[0]?.connections ?? 0;
    if (extent === 'part') {
      this.#partly(sample, about);
      return;
    }
    this.#synced = Math.max(
      this.#synced,
      this.#of(reading.synced).reduce((sum, { entries }) => sum + entries, 0),
    );
    if (tookMs > lateMs) this.#open(`the director took ${(tookMs / 1000).toFixed(1)} s to answer`);
    this.#close(atMs);
    this.#samples.push(sample);
    this.#options.onSample?.(sample);
  }

  lost(reason: string): void {
    this.#open(reason);
    this.#resentBefore = sums(this.#resentBefore, this.#resent);
    this.#resent = [];
    this.#reusedBefore += this.#reused;
    this.#reused = 0;
    this.#levels.interrupted();
  }

  restarted(): void {
    this.#restarting = true;
    this.#restarted = true;
    if (this.#hole !== undefined)
      this.#hole = { ...this.#hole, reason: `${this.#host} was started anew (${this.#hole.reason})` };
  }

  /** There will be no more readings. */
  end(atMs: number): void {
    this.#close(atMs);
  }

  get reused(): number {
    return this.#reusedBefore + this.#reused;
  }

  record(
    zeroAtMs: number,
  ): Pick<
    Sampling,
    'samples' | 'gaps' | 'resolutionMs' | 'levels' | 'resent' | 'synced' | 'restartsMs' | 'partlyRead'
  > {
    const fromZero = (atMs: number) => Math.round((atMs - zeroAtMs) * 10) / 10;
    const resent = sums(this.#resentBefore, this.#resent);
    const levels: Levels | undefined = this.#levels.record(fromZero);
    const resolutionMs = this.#resolution();
    return {
      samples: this.#samples.map((sample) => ({ ...sample, atMs: fromZero(sample.atMs) })),
      gaps: this.#gaps.map(({ fromMs, toMs, reason }) => ({ fromMs: fromZero(fromMs), toMs: fromZero(toMs), reason })),
      ...(resolutionMs === undefined ? {} : { resolutionMs }),
      ...(levels === undefined ? {} : { levels }),
      ...(resent.length === 0 ? {} : { resent }),
      ...(this.#synced === 0 ? {} : { synced: this.#synced }),
      ...(this.#restartsMs.length === 0 ? {} : { restartsMs: this.#restartsMs.map(fromZero) }),
      ...(this.#parts.length === 0
        ? {}
        : {
            partlyRead: {
              entries: Math.max(...this.#parts.map(({ of }) => of)),
              wholeCostMs: Math.round(this.#wholeCostMs),
              samples: this.#parts.map((part) => ({ ...part, atMs: fromZero(part.atMs) })),
            },
          }),
    };
  }

  #of<T extends { readonly service: number }>(rows: readonly T[]): readonly Omit<T, 'service'>[] {
    return rows.filter(({ service }) => service === this.#service).map(withoutService);
  }

  #partly(sample: TableSample, { size, wholeCostMs, tooLarge }: ReadingAbout): void {
    const of = Math.max(sample.entries, Math.round(size));
    this.#parts.push({ ...sample, of });
    this.#wholeCostMs = Math.max(this.#wholeCostMs, wholeCostMs);
    const share = `${Number((this.#options.budgetShare * 100).toPrecision(2))}% of a CPU`;
    const reason = tooLarge
      ? `the table is too large to be read within ${share}: ${of} entries would take ${(wholeCostMs / 1000).toFixed(1)} s; a part of it was read, and the entries that the kernel counts`
      : `the table grew to ${of} entries, and how much may be read of it within ${share} had to be found out`;
    if (this.#hole?.partly === true) this.#hole = { ...this.#hole, reason };
    else this.#open(reason, true);
  }

  /** From one sample to the next where there is no gap in between. */
  #resolution(): Sampling['resolutionMs'] {
    const steps: number[] = [];
    for (const [index, { atMs }] of this.#samples.entries()) {
      const next = this.#samples[index + 1]?.atMs;
      if (next === undefined || this.#gaps.some(({ fromMs, toMs }) => fromMs < next && toMs > atMs)) continue;
      steps.push(next - atMs);
    }
    const median = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)];
    return median === undefined ? undefined : { median: Math.round(median), longest: Math.round(Math.max(...steps)) };
  }

  #open(reason: string, partly = false): void {
    const fromMs = this.#samples.at(-1)?.atMs ?? this.#options.startedMs;
    this.#hole ??= { fromMs, reason, partly };
  }

  #close(toMs: number): void {
    if (this.#hole !== undefined) this.#gaps.push({ ...this.#hole, toMs });
    this.#hole = undefined;
  }
}

function withoutService<T extends { readonly service: number }>({ ...row }: T): Omit<T, 'service'> {
  delete (row as { service?: number }).service;
  return row;
}

function sums(before: readonly Resent[], now: readonly Resent[]): readonly Resent[] {
  const places = [...new Set([...before, ...now].map(({ destination }) => destination))].sort();
  return places.map((destination) => {
    const here = [...before, ...now].filter((one) => one.destination === destination);
    return {
      destination,
      connections: here.reduce((sum, { connections }) => sum + connections, 0),
      packets: here.reduce((sum, { packets }) => sum + packets, 0),
    };
  });
}
