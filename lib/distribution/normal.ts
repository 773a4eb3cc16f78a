/** The normal distribution, and intervals of a share that rest on it. */
import { upperTail } from './chi-square.ts';

/** P(|Z| > z): Z² is chi-square with one degree of freedom. */
export const twoSided = (z: number) => upperTail(z * z, 1);

/** z with P(|Z| > z) = `probability`. */
export function quantile(probability: number): number {
  let [low, high] = [0, 40];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (twoSided(middle) > probability) low = middle;
    else high = middle;
  }
  return high;
}

/** Of a share seen `count` times in `n`: Wilson's score interval (1927). [0, 1] when nothing was seen. */
export function confidenceInterval(count: number, n: number, significance: number): readonly [number, number] {
  if (n === 0) return [0, 1];
  const z = quantile(significance);
  const [share, spread] = [count / n, (z * z) / n];
  const middle = (share + spread / 2) / (1 + spread);
  const half = (z / (1 + spread)) * Math.sqrt((share * (1 - share)) / n + spread / (4 * n));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** Shares that `n` independent trials of probability `share` may show. */
export function acceptanceInterval(share: number, n: number, significance: number): readonly [number, number] {
  if (n === 0) return [0, 1];
  const half = quantile(significance) * Math.sqrt((share * (1 - share)) / n);
  return [Math.max(0, share - half), Math.min(1, share + half)];
}
