/**
 * How far counts may be apart where each pick follows from the one before: rr, wrr and fo. The service's lock makes one
 * sequence of the picks of all CPUs, and where in its cycle it stands at first is not known.
 */
import { greatestCommonDivisor } from './hash-tables.ts';
import { type DestinationState, failover, type Pick, roundRobin, weightedRoundRobin } from './schedulers.ts';

/** Fewest and most connections, for each destination. */
export type CountBounds = readonly (readonly [number, number])[];

/** Longer ones take too much memory; a real cycle has as many picks as the weights sum up to. */
const longestCycle = 4_000_000;

/**
 * For `n` connections in a row; undefined where the scheduler has no cycle, or one too long. wrr's bounds hold for the
 * order of `weights`: another order moves each of them by one at most.
 */
export function cycleBounds(scheduler: string, weights: readonly number[], n: number): CountBounds | undefined {
  const cycle = cycleOf(scheduler, weights);
  return cycle === undefined ? undefined : windowBounds(cycle, weights.length, n);
}

function cycleOf(scheduler: string, weights: readonly number[]): Uint16Array | undefined {
  const states = weights.map((weight): DestinationState => ({ weight, active: 0, inactive: 0, overloaded: false }));
  const picks: Readonly<Partial<Record<string, () => [Pick, number]>>> = {
    rr: () => [roundRobin(), weights.filter((weight) => weight > 0).length],
    wrr: () => [weightedRoundRobin(), reducedSum(weights)],
    fo: () => [failover, 1],
  };
  const made = picks[scheduler]?.();
  if (made === undefined) return undefined;
  const [pick, length] = made;
  if (length === 0 || length > longestCycle || weights.length > 65_536) return undefined;
  return Uint16Array.from({ length }, () => pick(states));
}

/** Weights over their greatest common divisor. */
function reducedSum(weights: readonly number[]): number {
  const positive = weights.filter((weight) => weight > 0);
  const divisor = positive.reduce((a, b) => greatestCommonDivisor(a, b), 0);
  return divisor === 0 ? 0 : positive.reduce((sum, weight) => sum + weight / divisor, 0);
}

/** Over every place in the cycle to begin at. */
function windowBounds(cycle: Uint16Array, destinations: number, n: number): CountBounds {
  const whole = Math.floor(n / cycle.length);
  const rest = n % cycle.length;
  const each = Array<number>(destinations).fill(0);
  for (const index of cycle) each[index] = (each[index] ?? 0) + 1;
  const inWindow = Array<number>(destinations).fill(0);
  const at = (position: number) => cycle[position % cycle.length] ?? 0;
  for (let position = 0; position < rest; position++) inWindow[at(position)] = (inWindow[at(position)] ?? 0) + 1;
  const [fewest, most] = [[...inWindow], [...inWindow]];
  for (let start = 0; rest > 0 && start < cycle.length; start++) {
    const [leaves, enters] = [at(start), at(start + rest)];
    inWindow[leaves] = (inWindow[leaves] ?? 0) - 1;
    inWindow[enters] = (inWindow[enters] ?? 0) + 1;
    fewest[leaves] = Math.min(fewest[leaves] ?? 0, inWindow[leaves] ?? 0);
    most[enters] = Math.max(most[enters] ?? 0, inWindow[enters] ?? 0);
  }
  return each.map((count, index) => [whole * count + (fewest[index] ?? 0), whole * count + (most[index] ?? 0)]);
}
