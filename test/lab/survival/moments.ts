/** When to strike: moments of a run, spread evenly over it, drawn from a seed. */

/** A stage of a run that was measured. `starting` is before the first one. */
export interface MeasuredStage {
  readonly name: string;
  readonly durationMs: number;
}

export interface Moment {
  readonly stage: string;
  /** After the beginning of the stage. */
  readonly afterMs: number;
}

/** mulberry32: numbers from 0 to 1, the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * `count` moments: the run is cut into as many slices of the same length, with one moment at random in each. The
 * stages named in `always` get one at least, taken from the stage that has most. Shuffled, so that several
 * workers taking them in turn all see all kinds.
 */
export function momentsOf(
  stages: readonly MeasuredStage[],
  count: number,
  seed: number,
  always: readonly string[] = [],
): Moment[] {
  const random = randomFrom(seed);
  const totalMs = stages.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const moments = Array.from({ length: count }, (_, slice) => at(stages, ((slice + random()) / count) * totalMs));
  const of = (name: string): Moment[] => moments.filter(({ stage }) => stage === name);
  for (const name of always) {
    const wanted = stages.find((stage) => stage.name === name);
    if (wanted === undefined || of(name).length > 0) continue;
    const [most = []] = stages.map((stage) => of(stage.name)).toSorted((a, b) => b.length - a.length);
    const [victim] = most;
    if (victim === undefined || most.length < 2) continue;
    moments[moments.indexOf(victim)] = { stage: name, afterMs: random() * wanted.durationMs };
  }
  for (let index = moments.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    const [a, b] = [moments[index], moments[other]];
    if (a !== undefined && b !== undefined) [moments[index], moments[other]] = [b, a];
  }
  return moments;
}

function at(stages: readonly MeasuredStage[], offsetMs: number): Moment {
  let left = offsetMs;
  for (const { name, durationMs } of stages) {
    if (left < durationMs) return { stage: name, afterMs: left };
    left -= durationMs;
  }
  const last = stages.at(-1);
  return { stage: last?.name ?? '', afterMs: last?.durationMs ?? 0 };
}
