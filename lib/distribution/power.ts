/** How many there must be for an unevenness to be found. */
import { upperTail } from './chi-square.ts';

/** How often a test is to find what it looks for. */
export const power = 0.95;

/**
 * Smallest number of trials in which chi-square, at `significance`, finds one destination at half its weight, whichever
 * it is, with probability `power`. `shares` are positive and sum to 1; with one share there is nothing to find: 1.
 */
export function trialsNeeded(shares: readonly number[], significance: number): number {
  if (shares.length < 2) return 1;
  const needed = noncentralityNeeded(shares.length - 1, significance);
  const smallestEffect = Math.min(...shares.map((_, index) => effectSize(halved(shares, index), shares)));
  return Math.ceil(needed / smallestEffect ** 2);
}

/** Shares when the weight of one destination is half of what it should be. */
export function halved(shares: readonly number[], index: number): readonly number[] {
  const left = 1 - (shares[index] ?? 0) / 2;
  return shares.map((share, other) => (other === index ? share / 2 : share) / left);
}

/** Cohen's w. Shares that are expected to be 0 are left out. */
export function effectSize(observed: readonly number[], expected: readonly number[]): number {
  const terms = expected.map((share, index) => (share > 0 ? ((observed[index] ?? 0) - share) ** 2 / share : 0));
  return Math.sqrt(terms.reduce((sum, term) => sum + term, 0));
}

const noncentralities = new Map<string, number>();

/** Computed once: it rests on nothing else. */
function noncentralityNeeded(degreesOfFreedom: number, significance: number): number {
  const key = `${degreesOfFreedom} ${significance}`;
  const computed = noncentralities.get(key) ?? noncentrality(degreesOfFreedom, significance);
  noncentralities.set(key, computed);
  return computed;
}

function noncentrality(degreesOfFreedom: number, significance: number): number {
  const critical = bisected((x) => upperTail(x, degreesOfFreedom) < significance);
  return bisected((lambda) => noncentralTail(critical, degreesOfFreedom, lambda) >= power);
}

/** P(X > x), X noncentral chi-square: a mixture of central ones, weighted as Poisson counts of mean λ/2. */
function noncentralTail(x: number, degreesOfFreedom: number, lambda: number): number {
  const mean = lambda / 2;
  let weight = Math.exp(-mean);
  let sum = 0;
  const last = mean + 10 * Math.sqrt(mean) + 20;
  for (let count = 0; count <= last; count++) {
    sum += weight * upperTail(x, degreesOfFreedom + 2 * count);
    weight *= mean / (count + 1);
  }
  return sum;
}

/** Where `reached` turns true, for a test that stays true from there. */
function bisected(reached: (value: number) => boolean): number {
  let [low, high] = [0, 1];
  while (!reached(high)) [low, high] = [high, high * 2];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (reached(middle)) high = middle;
    else low = middle;
  }
  return high;
}
