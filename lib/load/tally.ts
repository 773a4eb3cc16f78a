/** The book of one load run, whatever engine drives it. */
import type { ConnectionErrorKind, FailedConnection, LoadResult } from '../model/observations.ts';
import type { LoadPlan, LoadProgress } from './engine.ts';
import { GeneratorWatch } from './generator-watch.ts';
import { LatencyRecorder } from './latency.ts';

/** A header that names every answer differently must not grow the book without bound. */
const realServerLimit = 1000;
const exampleLimit = 100;
/** How long a director without the answers remembers a connection that has ended (FIN_WAIT, ip_vs_proto_tcp.c). */
const rememberedMs = 120_000;

export type StopReason = NonNullable<LoadResult['stopped']>;

export class Tally {
  readonly connect = new LatencyRecorder();
  readonly total = new LatencyRecorder();
  readonly #plan: LoadPlan;
  readonly #watch = new GeneratorWatch();
  readonly #startedAt = new Date();
  readonly #startedMs = performance.now();
  readonly #byKind: Partial<Record<ConnectionErrorKind, number>> = {};
  readonly #examples: FailedConnection[] = [];
  readonly #byRealServer = new Map<string, number>();
  readonly #timeline: { atMs: number; answered: number; failed: number }[] = [];
  readonly #portUsedMs = new Float64Array(65_536).fill(-Infinity);
  #portsReused = 0;
  #lastMs = this.#startedMs;
  #unattributed = 0;
  sent = 0;
  answered = 0;
  failed = 0;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
  }

  /** A connection came about from this source port. */
  port(nowMs: number, localPort: number): void {
    const before = this.#portUsedMs[localPort] ?? -Infinity;
    if (nowMs - before < rememberedMs) this.#portsReused++;
    this.#portUsedMs[localPort] = nowMs;
  }

  answer(nowMs: number, realServer: string | undefined): void {
    this.answered++;
    this.#second(nowMs).answered++;
    if (realServer === undefined) {
      this.#unattributed++;
      return;
    }
    const before = this.#byRealServer.get(realServer);
    if (before === undefined && this.#byRealServer.size >= realServerLimit) this.#unattributed++;
    else this.#byRealServer.set(realServer, (before ?? 0) + 1);
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

  result(
    engine: LoadResult['engine'],
    { connections, source, stopped }: { connections: number; source: string; stopped: StopReason | undefined },
  ): LoadResult {
    const plan = this.#plan;
    const durationMs = rounded(this.#lastMs - this.#startedMs);
    const connect = this.connect.summary();
    const total = this.total.summary();
    const requested = plan.profile.requests;
    return {
      service: plan.service,
      profile: plan.profile.name,
      engine,
      client: plan.client,
      source,
      url: plan.url,
      startedAt: this.#startedAt.toISOString(),
      durationMs,
      requested,
      sent: this.sent,
      answered: this.answered,
      failed: this.failed,
      connections,
      ...(this.#portsReused === 0 ? {} : { portsReused: this.#portsReused }),
      rateRps: durationMs > 0 ? rounded((this.answered * 1000) / durationMs) : 0,
      errors: {
        rate: this.sent > 0 ? this.failed / this.sent : 0,
        byKind: this.#byKind,
        examples: this.#examples,
      },
      answersByRealServer: Object.fromEntries([...this.#byRealServer].sort(([a], [b]) => (a < b ? -1 : 1))),
      unattributed: this.#unattributed,
      ...(connect === undefined ? {} : { connect }),
      ...(total === undefined ? {} : { total }),
      timeline: this.#timeline,
      // A stop that came after the last request was begun left nothing out.
      ...(stopped === undefined || (stopped !== 'interrupted' && this.sent >= requested) ? {} : { stopped }),
      generator: this.#watch.stop(),
    };
  }

  /** The row of the second a thing happened in; `atMs` is where the second begins. Quiet seconds have rows too. */
  #second(nowMs: number): { answered: number; failed: number } {
    this.#lastMs = nowMs;
    const index = Math.max(0, Math.floor((nowMs - this.#startedMs) / 1000));
    while (this.#timeline.length <= index) {
      this.#timeline.push({ atMs: this.#timeline.length * 1000, answered: 0, failed: 0 });
    }
    const row = this.#timeline[index];
    return row ?? { answered: 0, failed: 0 };
  }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
