import type { OpenLoop } from '../model/cluster.ts';
import type { StageResult } from '../model/load-result.ts';
import { type LatencyPart, LatencyRecorder } from './latency.ts';

/** A request that begins later than this after its time is late: beyond what timers and a busy machine make. */
export const lateAfterMs = 10;

/** What a thread saw of one stage, as it goes to another. */
export interface StagePart {
  readonly begun: number;
  readonly answered: number;
  readonly failed: number;
  readonly lateSends: number;
  readonly waitedForPlace: number;
  readonly total: LatencyPart | undefined;
  readonly corrected: LatencyPart | undefined;
}

interface Stage {
  begun: number;
  answered: number;
  failed: number;
  lateSends: number;
  waitedForPlace: number;
  readonly total: LatencyRecorder;
  readonly corrected: LatencyRecorder;
}

/** What became of the requests of each stage of an open loop; of a closed one, nothing. */
export class StageBook {
  readonly #declared: OpenLoop['stages'];
  readonly #stages = new Map<number, Stage>();

  constructor(openLoop: OpenLoop | undefined) {
    this.#declared = openLoop?.stages ?? [];
  }

  begun(stage: number, lateMs: number, waitedForPlace: boolean): void {
    const book = this.#of(stage);
    if (book === undefined) return;
    book.begun++;
    if (lateMs <= lateAfterMs) return;
    book.lateSends++;
    if (waitedForPlace) book.waitedForPlace++;
  }

  answered(stage: number, totalMs: number, correctedMs: number): void {
    const book = this.#of(stage);
    if (book === undefined) return;
    book.answered++;
    book.total.record(totalMs);
    book.corrected.record(correctedMs);
  }

  failed(stage: number): void {
    const book = this.#of(stage);
    if (book !== undefined) book.failed++;
  }

  parts(): readonly StagePart[] {
    return this.#declared.map((_, index): StagePart => {
      const stage = this.#stages.get(index);
      if (stage === undefined) return nothing;
      return { ...stage, total: stage.total.part(), corrected: stage.corrected.part() };
    });
  }

  add(parts: readonly StagePart[]): void {
    for (const [index, part] of parts.entries()) {
      const stage = part.begun === 0 ? undefined : this.#of(index);
      if (stage === undefined) continue;
      for (const key of ['begun', 'answered', 'failed', 'lateSends', 'waitedForPlace'] as const)
        stage[key] += part[key];
      stage.total.add(part.total);
      stage.corrected.add(part.corrected);
    }
  }

  /** Sums over all stages. */
  get sums(): Pick<Stage, 'begun' | 'lateSends' | 'waitedForPlace'> {
    const sums = { begun: 0, lateSends: 0, waitedForPlace: 0 };
    for (const stage of this.#stages.values())
      for (const key of ['begun', 'lateSends', 'waitedForPlace'] as const) sums[key] += stage[key];
    return sums;
  }

  results(): readonly StageResult[] {
    let atMs = 0;
    return this.#declared.map(({ fromRps, toRps, durationMs }, index): StageResult => {
      const stage = this.#stages.get(index);
      const total = stage?.total.summary();
      const corrected = stage?.corrected.summary();
      const row = {
        fromRps,
        toRps,
        atMs,
        durationMs,
        offered: stage?.begun ?? 0,
        answered: stage?.answered ?? 0,
        failed: stage?.failed ?? 0,
        lateSends: stage?.lateSends ?? 0,
        ...(total === undefined ? {} : { total }),
        ...(corrected === undefined ? {} : { corrected }),
      };
      atMs += durationMs;
      return row;
    });
  }

  /** Undefined for a stage that was not declared: the requests of a closed loop have none. */
  #of(index: number): Stage | undefined {
    if (this.#declared[index] === undefined) return undefined;
    let stage = this.#stages.get(index);
    if (stage === undefined) {
      stage = {
        begun: 0,
        answered: 0,
        failed: 0,
        lateSends: 0,
        waitedForPlace: 0,
        total: new LatencyRecorder(),
        corrected: new LatencyRecorder(),
      };
      this.#stages.set(index, stage);
    }
    return stage;
  }
}

const nothing: StagePart = {
  begun: 0,
  answered: 0,
  failed: 0,
  lateSends: 0,
  waitedForPlace: 0,
  total: undefined,
  corrected: undefined,
};
