/** When the requests of an open loop should begin, in ms from the first moment of the load. The same for the same seed. */
import type { LoadStage, OpenLoop } from '../model/cluster.ts';

export interface Arrival {
  readonly atMs: number;
  /** Index of its stage. */
  readonly stage: number;
}

export class Arrivals {
  readonly #stages: readonly LoadStage[];
  readonly #gap: () => number;
  #stage = 0;
  #stageAtMs = 0;
  /** Requests still to come before the next one begins, counted by the integral of the rate. */
  #owed = 0;
  /** Requests of the present stage that are past. */
  #past = 0;

  constructor({ arrivals, stages }: OpenLoop, seed: number) {
    this.#stages = stages;
    const random = mulberry32(seed);
    // A Poisson process whose rate changes is one of rate 1 in the time that the integral of the rate makes.
    this.#gap = arrivals === 'poisson' ? () => -Math.log(1 - random()) : () => 1;
    // The first of constant arrivals begins at once.
    this.#owed = arrivals === 'poisson' ? this.#gap() : 0;
  }

  /** Undefined when the schedule is over. */
  next(): Arrival | undefined {
    for (;;) {
      const stage = this.#stages[this.#stage];
      if (stage === undefined) return undefined;
      const wanted = this.#past + this.#owed;
      const whole = requestsIn(stage, stage.durationMs);
      if (wanted < whole - 1e-9) {
        this.#past = wanted;
        this.#owed = this.#gap();
        return { atMs: this.#stageAtMs + timeOf(stage, wanted), stage: this.#stage };
      }
      this.#owed = Math.max(0, wanted - whole);
      this.#past = 0;
      this.#stageAtMs += stage.durationMs;
      this.#stage++;
    }
  }
}

/** Requests from the beginning of the stage until so many ms later. */
function requestsIn({ fromRps, toRps, durationMs }: LoadStage, ms: number): number {
  const slope = (toRps - fromRps) / durationMs;
  return (fromRps * ms + (slope * ms * ms) / 2) / 1000;
}

/** The time in ms at which so many requests are past: the inverse of `requestsIn`. */
function timeOf({ fromRps, toRps, durationMs }: LoadStage, requests: number): number {
  const slope = (toRps - fromRps) / durationMs;
  if (slope === 0) return (requests * 1000) / fromRps;
  // Of the two forms of the root, the one that has no difference of nearly equal numbers in a ramp from 0.
  const root = Math.sqrt(Math.max(0, fromRps * fromRps + 2 * slope * requests * 1000));
  return Math.min(durationMs, (2 * requests * 1000) / (fromRps + root || 1));
}

/** Uniform in [0, 1): Tommy Ettinger's mulberry32, whose period of 2^32 is more than any load has requests. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
