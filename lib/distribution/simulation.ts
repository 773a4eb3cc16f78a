/** Connections through a scheduler, one after another, with what becomes of them: the model of those that count entries. */
import type { LoadConditions, WeightedDestination } from './input.ts';
import type { Random } from './random.ts';
import type { DestinationState, Pick } from './schedulers.ts';

/** FIN_WAIT and TIME_WAIT of ip_vs_proto_tcp.c. */
export const defaultLingerMs = 120_000;

export interface SimulationOptions {
  readonly destinations: readonly WeightedDestination[];
  readonly pick: Pick;
  /** Connections to begin. */
  readonly connections: number;
  readonly conditions: LoadConditions;
  /** How long connections to each destination are open, as a multiple of what `heldMs` says. */
  readonly slowness: readonly number[];
  readonly random: Random;
}

interface Simulated extends DestinationState {
  readonly upper: number;
  readonly lower: number;
}

/** Connections by index of the destination. Those the scheduler refused are in none. */
export function simulate(options: SimulationOptions): readonly number[] {
  const { destinations, pick, connections, conditions, slowness, random } = options;
  const lingerMs = conditions.lingerMs ?? defaultLingerMs;
  const states = destinations.map(({ name, weight, upper = 0, lower = 0 }): Simulated => {
    const { active = 0, inactive = 0 } = conditions.before?.[name] ?? {};
    return { weight, upper, lower, active, inactive, overloaded: upper > 0 && active + inactive >= upper };
  });
  const expiries = leftovers(states, lingerMs, random);
  const held = heldFor(conditions, random);
  const gapMs = idleMs(conditions, connections);
  const counts = states.map(() => 0);
  const moments = new Moments();
  // They begin one after another, as a client's do, and not all in one instant.
  for (let slot = 0; slot < conditions.concurrency; slot++) moments.add(slot * 1e-3, beginning);

  let expired = 0;
  for (let begun = 0; begun < connections;) {
    const { atMs, index: over } = moments.take();
    for (let entry = expiries[expired]; entry !== undefined && entry.atMs <= atMs; entry = expiries[++expired])
      expire(states[entry.index]);
    const finished = states[over];
    if (finished !== undefined) {
      finished.active--;
      finished.inactive++;
      expiries.push({ atMs: atMs + lingerMs, index: over });
      moments.add(atMs + gapMs * 2 * random(), beginning);
      continue;
    }
    begun++;
    const index = pick(states);
    const chosen = states[index];
    if (chosen === undefined) {
      // Refused at once: ICMP port unreachable.
      moments.add(atMs + 1, beginning);
      continue;
    }
    counts[index] = (counts[index] ?? 0) + 1;
    chosen.active++;
    if (chosen.upper > 0 && chosen.active + chosen.inactive >= chosen.upper) chosen.overloaded = true;
    moments.add(atMs + held() * (slowness[index] ?? 1), index);
  }
  return counts;
}

interface Moment {
  readonly atMs: number;
  /** Of the destination whose connection ends. */
  readonly index: number;
}

/** In place of the index: a connection begins. */
const beginning = -1;

/** ip_vs_unbind_dest of ip_vs_conn.c. */
function expire(state: Simulated | undefined): void {
  if (state === undefined) return;
  state.inactive--;
  const entries = state.active + state.inactive;
  if (state.lower > 0 ? entries < state.lower : entries * 4 < state.upper * 3) state.overloaded = false;
}

/** Entries from before go at times nobody knows; those at work stay. */
function leftovers(states: readonly Simulated[], lingerMs: number, random: Random): Moment[] {
  return states
    .flatMap(({ inactive }, index) => Array.from({ length: inactive }, () => ({ atMs: random() * lingerMs, index })))
    .sort((a, b) => a.atMs - b.atMs);
}

/** Draws from the histogram, evenly between two edges. */
function heldFor({ heldMs }: LoadConditions, random: Random): () => number {
  const total = heldMs.reduce((sum, [, count]) => sum + count, 0);
  return () => {
    let rank = random() * total;
    let from = 0;
    for (const [edge, count] of heldMs) {
      if (rank < count) return from + (edge - from) * random();
      rank -= count;
      from = edge;
    }
    return from;
  };
}

export function meanHeldMs({ heldMs }: LoadConditions): number {
  const total = heldMs.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return 0;
  let from = 0;
  return heldMs.reduce((sum, [edge, count]) => {
    const middle = (from + edge) / 2;
    from = edge;
    return sum + (middle * count) / total;
  }, 0);
}

/** What a client's place is empty for between two connections, on average: what the duration leaves. */
function idleMs(conditions: LoadConditions, connections: number): number {
  const turnMs = (conditions.durationMs * conditions.concurrency) / Math.max(1, connections);
  return Math.max(0, turnMs - meanHeldMs(conditions));
}

/** The earliest first: a binary heap. */
class Moments {
  readonly #heap: Moment[] = [];

  add(atMs: number, index: number): void {
    const heap = this.#heap;
    let at = heap.length;
    const moment = { atMs, index };
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.atMs <= atMs) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = moment;
  }

  take(): Moment {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) throw new RangeError('nothing is to happen');
    let at = 0;
    for (let child = 1; child < heap.length; child = at * 2 + 1) {
      const [left, right] = [heap[child], heap[child + 1]];
      const below = right !== undefined && left !== undefined && right.atMs < left.atMs ? right : left;
      if (below === undefined || below.atMs >= last.atMs) break;
      heap[at] = below;
      at = below === right ? child + 1 : child;
    }
    if (heap.length > 0) heap[at] = last;
    return first;
  }
}
