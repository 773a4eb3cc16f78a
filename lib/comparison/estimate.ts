/** A figure with the interval in which it lies, and what two of them say of a change. */
import { confidenceInterval, quantile } from '../distribution/normal.ts';

/** `low <= value <= high`, at the confidence of `significance`. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A comparison has some ten figures a service: at 1 % one of them is off by chance in one comparison of ten. */
export const significance = 0.01;

export const z = quantile(significance);

/** Of `count` in `n` trials; n is above 0. */
export function shareEstimate(count: number, n: number): Estimate {
  const value = count / n;
  const [low, high] = confidenceInterval(count, n, significance);
  return { value, low: Math.min(low, value), high: Math.max(high, value) };
}

/**
 * The mean of figures taken one after the other. Neighbours that are alike count for less: the sample is as large as
 * n (1 - r) / (1 + r), with r the correlation of each with the next. Undefined with fewer than two.
 */
export function meanEstimate(values: readonly number[]): Estimate | undefined {
  const n = values.length;
  if (n < 2) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const off = values.map((value) => value - mean);
  const squares = off.reduce((sum, value) => sum + value * value, 0);
  if (squares === 0) return { value: mean, low: mean, high: mean };
  const r = Math.max(0, off.slice(1).reduce((sum, value, index) => sum + value * (off[index] ?? 0), 0) / squares);
  const size = Math.max(2, (n * (1 - r)) / (1 + r));
  const half = studentT(size - 1) * Math.sqrt(squares / (n - 1) / size);
  return { value: mean, low: mean - half, high: mean + half };
}

/** Student's t for `z`, from Fisher's expansion (1941, two terms): at 9 degrees of freedom 3.23 for 3.25. */
function studentT(freedom: number): number {
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  return z + first / freedom + second / freedom ** 2;
}

/**
 * after - before, its interval from theirs: the method of variance estimates recovery (Zou and Donner 2008). With Wilson's
 * intervals of two shares it is Newcombe's (1998).
 */
export function differenceOf(before: Estimate, after: Estimate): Estimate {
  const value = after.value - before.value;
  return {
    value,
    low: value - Math.hypot(after.value - after.low, before.high - before.value),
    high: value + Math.hypot(after.high - after.value, before.value - before.low),
  };
}

/** after / before - 1, by the same method over logarithms. Undefined where one is not above 0 with confidence. */
export function ratioOf(before: Estimate, after: Estimate): Estimate | undefined {
  if (before.low <= 0 || after.low <= 0) return undefined;
  const { value, low, high } = differenceOf(logarithm(before), logarithm(after));
  return { value: Math.expm1(value), low: Math.expm1(low), high: Math.expm1(high) };
}

function logarithm({ value, low, high }: Estimate): Estimate {
  return { value: Math.log(value), low: Math.log(low), high: Math.log(high) };
}
