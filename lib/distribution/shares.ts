/** What schedulers that go by weights alone promise, as shares of connections. */
import type { WeightedDestination } from './input.ts';

/** Undefined when the scheduler promises no shares by weights, or nothing may take connections. Shares sum to 1. */
export function expectedShares(
  scheduler: string,
  destinations: readonly WeightedDestination[],
): Readonly<Record<string, number>> | undefined {
  const weigh = weights[scheduler];
  if (weigh === undefined) return undefined;
  const highest = Math.max(...destinations.map(({ weight }) => weight));
  const weighed = destinations.map(({ name, weight }) => ({ name, weight: weight > 0 ? weigh(weight, highest) : 0 }));
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return undefined;
  return Object.fromEntries(weighed.map(({ name, weight }) => [name, weight / total]));
}

/** A destination of weight 0 is quiesced under each of them. */
const weights: Readonly<Partial<Record<string, (weight: number, highest: number) => number>>> = {
  // net/netfilter/ipvs/ip_vs_rr.c: the next destination whose weight is above 0, whatever the weight is.
  rr: () => 1,
  // net/netfilter/ipvs/ip_vs_wrr.c: interleaved, in proportion to the weights over each cycle.
  wrr: (weight) => weight,
  // net/netfilter/ipvs/ip_vs_fo.c: the highest weight; of equals the first, which here is any of them.
  fo: (weight, highest) => (weight === highest ? 1 : 0),
};

/** What clients that each stay with their first destination come to, when there are many of them and one after another. */
export function sharesOfClients(
  scheduler: string,
  destinations: readonly WeightedDestination[],
): Readonly<Record<string, number>> | undefined {
  const alike: Readonly<Record<string, string>> = { lc: 'rr', wlc: 'wrr' };
  return expectedShares(alike[scheduler] ?? scheduler, destinations);
}
