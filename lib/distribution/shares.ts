/** What each scheduler promises, as shares of connections. */

export interface WeightedDestination {
  readonly name: string;
  readonly weight: number;
  /** Upper connection threshold: with so many connections the destination is passed over. */
  readonly upper?: number;
}

/** Undefined when there is no model of the scheduler, or nothing may take connections. Shares sum to 1. */
export function expectedShares(
  scheduler: string,
  destinations: readonly WeightedDestination[],
): Readonly<Record<string, number>> | undefined {
  const weigh = weights[scheduler];
  if (weigh === undefined) return undefined;
  const weighed = destinations.map(({ name, weight }) => ({ name, weight: weight > 0 ? weigh(weight) : 0 }));
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return undefined;
  return Object.fromEntries(weighed.map(({ name, weight }) => [name, weight / total]));
}

/** Schedulers with a model. A destination of weight 0 is quiesced under each of them. */
const weights: Readonly<Partial<Record<string, (weight: number) => number>>> = {
  // net/netfilter/ipvs/ip_vs_rr.c: the next destination whose weight is above 0, whatever the weight is.
  rr: () => 1,
  // net/netfilter/ipvs/ip_vs_wrr.c: interleaved, in proportion to the weights over each cycle.
  wrr: (weight) => weight,
};

export const modelledSchedulers: readonly string[] = Object.keys(weights);
