/** Made-up runs, of which the truth is known. */
import type { DistributionInput, LoadConditions, WeightedDestination } from '../../../lib/distribution/input.ts';
import type { Random } from '../../../lib/distribution/random.ts';
import type { Pick } from '../../../lib/distribution/schedulers.ts';
import { meanHeldMs, simulate } from '../../../lib/distribution/simulation.ts';

/** Counts of `n` trials with these shares. */
export function trialsOf(n: number, shares: readonly number[], random: Random): readonly number[] {
  const counts = shares.map(() => 0);
  for (let trial = 0; trial < n; trial++) {
    let rank = random();
    const index = shares.findIndex((share) => (rank -= share) < 0);
    const at = index === -1 ? shares.length - 1 : index;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}

export const named = (...weights: readonly number[]): WeightedDestination[] =>
  weights.map((weight, index) => ({
    name: `rs${index + 1}`,
    weight,
    address: `10.10.10.${10 * (index + 1)}`,
    port: 80,
  }));

export function judged(
  scheduler: string,
  counts: readonly number[],
  change: Partial<DistributionInput> = {},
): DistributionInput {
  const destinations = change.destinations ?? named(...counts.map(() => 1));
  return {
    service: 'web',
    scheduler,
    persistenceS: 0,
    destinations,
    kernelOrder: destinations.map(({ name }) => name),
    counts: Object.fromEntries(destinations.map(({ name }, index) => [name, counts[index] ?? 0])),
    basis: 'director-counters',
    ...change,
  };
}

/** A closed loop of 20 places, connections of 5 to 40 ms that fill them. */
export function loadOf(connections: number): LoadConditions {
  const heldMs = [
    [5, 0],
    [20, 60],
    [40, 40],
  ] as const;
  const durationMs = (connections * meanHeldMs({ concurrency: 20, durationMs: 0, heldMs })) / 20;
  return { concurrency: 20, durationMs, heldMs, before: {} };
}

/** What a run through `pick` with these weights in the kernel shows; the load's samples as the table has them on average. */
export function simulatedRun(
  pick: Pick,
  {
    kernel,
    connections,
    slowness,
    random,
  }: { kernel: readonly number[]; connections: number; slowness: readonly number[]; random: Random },
): { readonly counts: readonly number[]; readonly conditions: LoadConditions } {
  const conditions = loadOf(connections);
  const counts = simulate({ destinations: named(...kernel), pick, connections, conditions, slowness, random });
  const looks = 12;
  const active = Object.fromEntries(
    counts.map((count, index) => {
      const mean = (count * (slowness[index] ?? 1) * meanHeldMs(conditions)) / conditions.durationMs;
      return [`rs${index + 1}`, Array.from({ length: looks }, (_, look) => Math.round(mean + (look % 3) - 1))];
    }),
  );
  return { counts, conditions: { ...conditions, sampled: { intervalMs: 500, active } } };
}
