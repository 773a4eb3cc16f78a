/** The book of one load run, whatever engine drives it; a thread's goes into the run's as a part. */
import type {
  ConnectionErrorKind,
  FailedConnection,
  GeneratorFigures,
  LatencySummary,
  LoadResult,
} from '../model/load-result.ts';
import type { LoadPlan, LoadProgress } from './engine.ts';
import { type LatencyPart, LatencyRecorder } from './latency.ts';
import { PortBook } from './port-book.ts';
import { SecondLatencies } from './second-latencies.ts';

/** A header that names every answer differently must not grow the book without bound. */
const realServerLimit = 1000;
const exampleLimit = 100;

export type StopReason = NonNullable<LoadResult['stopped']>;

const latencies = ['connect', 'secured', 'firstByte', 'total', 'corrected', 'lateness'] as const;
export type LatencyKind = (typeof latencies)[number];

/** What a thread saw, as it goes to another. */
export interface TallyPart {
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
  readonly connections: number;
  readonly portsReused: number;
  readonly byKind: Readonly<Partial<Record<ConnectionErrorKind, number>>>;
  readonly examples: readonly FailedConnection[];
  readonly byRealServer: ReadonlyMap<string, number>;
  readonly unattributed: number;
  readonly timeline: readonly {
    readonly answered: number;
    readonly failed: number;
    readonly took: ReadonlyMap<number, number>;
  }[];
  readonly lastMs: number;
  readonly latencies: readonly (LatencyPart | undefined)[];
}

interface Second {
  answered: number;
  failed: number;
  readonly took: SecondLatencies;
}

export class Tally {
  readonly #recorders = new Map<LatencyKind, LatencyRecorder>();
  readonly #plan: LoadPlan;
  readonly #ports: PortBook;
  readonly #startedMs: number;
  #byKind: Partial<Record<ConnectionErrorKind, number>> = {};
  #examples: FailedConnection[] = [];
  readonly #byRealServer = new Map<string, number>();
  /** By second; quiet ones too. */
  readonly #timeline: Second[] = [];
  #portsReused = 0;
  /** From the start. */
  #lastMs = 0;
  #unattributed = 0;
  readonly connect = this.#recorder('connect');
  readonly total = this.#recorder('total');
  sent = 0;
  answered = 0;
  failed = 0;
  connections = 0;

  /** `startedMs` on the clock of the thread that records; what is 0 in the result. */
  constructor(plan: LoadPlan, startedMs = performance.now(), ports = new PortBook(plan.sources.length)) {
    this.#plan = plan;
    this.#startedMs = startedMs;
    this.#ports = ports;
  }

  record(kind: LatencyKind, ms: number): void {
    this.#recorder(kind).record(ms);
  }

  /** A connection came about from this source port. */
  port(nowMs: number, localPort: number, source = 0): void {
    if (this.#ports.used(nowMs - this.#startedMs, localPort, source)) this.#portsReused++;
  }

  /** `tookMs`: from when the request was begun; of an open loop from when it should have been. */
  answer(nowMs: number, realServer: string | undefined, tookMs: number): void {
    this.answered++;
    const second = this.#second(nowMs);
    second.answered++;
    second.took.record(tookMs);
    if (realServer === undefined) this.#unattributed++;
    else this.#attribute(realServer, 1);
  }

  failure(nowMs: number, kind: ConnectionErrorKind, message: string, localPort: number): void {
    this.failed++;
    this.#second(nowMs).failed++;
    this.#byKind[kind] = (this.#byKind[kind] ?? 0) + 1;
    if (this.#examples.length < exampleLimit) {
      this.#examples.push({ kind, localPort, atMs: rounded(nowMs - this.#startedMs), message });
    }
  }

  progress(): LoadProgress {
    return {
      atMs: rounded(performance.now() - this.#startedMs),
      sent: this.sent,
      answered: this.answered,
      failed: this.failed,
      requested: this.#plan.profile.requests,
    };
  }

  part(): TallyPart {
    return {
      sent: this.sent,
      answered: this.answered,
      failed: this.failed,
      connections: this.connections,
      portsReused: this.#portsReused,
      byKind: this.#byKind,
      examples: this.#examples,
      byRealServer: this.#byRealServer,
      unattributed: this.#unattributed,
      timeline: this.#timeline.map(({ answered, failed, took }) => ({ answered, failed, took: took.counts })),
      lastMs: this.#lastMs,
      latencies: latencies.map((kind) => this.#recorders.get(kind)?.part()),
    };
  }

  add(part: TallyPart): void {
    this.sent += part.sent;
    this.answered += part.answered;
    this.failed += part.failed;
    this.connections += part.connections;
    this.#portsReused += part.portsReused;
    this.#unattributed += part.unattributed;
    this.#lastMs = Math.max(this.#lastMs, part.lastMs);
    for (const [kind, count] of Object.entries(part.byKind) as [ConnectionErrorKind, number][])
      this.#byKind[kind] = (this.#byKind[kind] ?? 0) + count;
    this.#examples = [...this.#examples, ...part.examples].sort((a, b) => a.atMs - b.atMs).slice(0, exampleLimit);
    for (const [name, count] of part.byRealServer) this.#attribute(name, count);
    for (const [index, { answered, failed, took }] of part.timeline.entries()) {
      const row = this.#row(index);
      row.took.add(took);
      row.answered += answered;
      row.failed += failed;
    }
    for (const [index, kind] of latencies.entries()) {
      const recorded = part.latencies[index];
      if (recorded !== undefined) this.#recorder(kind).add(recorded);
    }
  }

  summary(kind: LatencyKind): LatencySummary | undefined {
    return this.#recorders.get(kind)?.summary();
  }

  /** `startedAt` and figures that only the engine knows are given; `stopped` only when something was left out by it. */
  result(
    engine: LoadResult['engine'],
    {
      stopped,
      requested = this.#plan.profile.requests,
      ...known
    }: {
      source: string;
      startedAt: Date;
      stopped: StopReason | undefined;
      generator: GeneratorFigures;
      requested?: number;
    } & Pick<LoadResult, 'sources' | 'openLoop' | 'synRetransmits'>,
  ): LoadResult {
    const plan = this.#plan;
    const durationMs = rounded(this.#lastMs);
    const summaries = Object.fromEntries(
      (['connect', 'secured', 'firstByte', 'total', 'corrected'] as const).flatMap((kind) => {
        const summary = this.summary(kind);
        return summary === undefined ? [] : [[kind, summary] as const];
      }),
    );
    const { source, startedAt, generator, ...more } = known;
    return {
      service: plan.service,
      profile: plan.profile.name,
      engine,
      client: plan.client,
      source,
      url: plan.url,
      startedAt: startedAt.toISOString(),
      durationMs,
      requested,
      sent: this.sent,
      answered: this.answered,
      failed: this.failed,
      connections: this.connections,
      ...(this.#portsReused === 0 ? {} : { portsReused: this.#portsReused }),
      rateRps: durationMs > 0 ? rounded((this.answered * 1000) / durationMs) : 0,
      errors: {
        rate: this.sent > 0 ? this.failed / this.sent : 0,
        byKind: this.#byKind,
        examples: this.#examples,
      },
      answersByRealServer: Object.fromEntries([...this.#byRealServer].sort(([a], [b]) => (a < b ? -1 : 1))),
      unattributed: this.#unattributed,
      ...summaries,
      ...more,
      timeline: this.#timeline.map(({ answered, failed, took }, index) => {
        const [p50Ms, p99Ms] = [took.percentile(0.5), took.percentile(0.99)];
        return {
          atMs: index * 1000,
          answered,
          failed,
          ...(p50Ms === undefined || p99Ms === undefined ? {} : { p50Ms, p99Ms }),
        };
      }),
      // A stop that came after the last request was begun left nothing out.
      ...(stopped === undefined || (stopped !== 'interrupted' && this.sent >= requested) ? {} : { stopped }),
      generator,
    };
  }

  #recorder(kind: LatencyKind): LatencyRecorder {
    const recorder = this.#recorders.get(kind) ?? new LatencyRecorder();
    this.#recorders.set(kind, recorder);
    return recorder;
  }

  #attribute(realServer: string, count: number): void {
    const before = this.#byRealServer.get(realServer);
    if (before === undefined && this.#byRealServer.size >= realServerLimit) this.#unattributed += count;
    else this.#byRealServer.set(realServer, (before ?? 0) + count);
  }

  /** The row of the second a thing happened in. */
  #second(nowMs: number): Second {
    this.#lastMs = nowMs - this.#startedMs;
    return this.#row(Math.max(0, Math.floor(this.#lastMs / 1000)));
  }

  #row(index: number): Second {
    while (this.#timeline.length <= index) this.#timeline.push({ answered: 0, failed: 0, took: new SecondLatencies() });
    return this.#timeline[index] ?? { answered: 0, failed: 0, took: new SecondLatencies() };
  }
}

export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
