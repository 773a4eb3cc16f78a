/**
 * Pearson's goodness of fit. The p-value is the upper tail of the chi-square distribution, Q(df/2, x/2), the regularised
 * incomplete gamma function (NIST DLMF 8.2.4): by its power series (8.7.1) where x is small, else by its continued
 * fraction (8.9.2), evaluated with Lentz's method.
 */
export interface GoodnessOfFit {
  readonly chiSquare: number;
  readonly degreesOfFreedom: number;
  /** How often counts at least this uneven come up when the expected shares are true; 0 to 1. */
  readonly pValue: number;
}

/** Below this expected count in any class the distribution of the statistic is not chi-square (Cochran 1954). */
export const smallestExpectedCount = 5;

/**
 * `counts` and `shares` pair up by position; shares are positive and sum to 1. With one class there is nothing to
 * compare: p is 1. Throws RangeError for shares or counts that are none.
 */
export function goodnessOfFit(counts: readonly number[], shares: readonly number[]): GoodnessOfFit {
  if (counts.length !== shares.length || counts.length === 0) throw new RangeError('a count for every share');
  if (counts.some((count) => !(count >= 0)) || shares.some((share) => !(share > 0)))
    throw new RangeError('counts are at least 0, shares above 0');
  const n = counts.reduce((sum, count) => sum + count, 0);
  const chiSquare = counts.reduce((sum, count, index) => {
    const expected = n * (shares[index] ?? 0);
    return expected === 0 ? sum : sum + (count - expected) ** 2 / expected;
  }, 0);
  const degreesOfFreedom = counts.length - 1;
  return { chiSquare, degreesOfFreedom, pValue: degreesOfFreedom === 0 ? 1 : upperTail(chiSquare, degreesOfFreedom) };
}

/** P(X >= x) for X chi-square with `degreesOfFreedom` >= 1. */
export function upperTail(x: number, degreesOfFreedom: number): number {
  if (x <= 0) return 1;
  if (x === Infinity) return 0;
  const a = degreesOfFreedom / 2;
  const half = x / 2;
  const tail = half < a + 1 ? 1 - lowerSeries(a, half) : upperFraction(a, half);
  return Math.min(1, Math.max(0, tail));
}

const terms = 10_000;
const precision = 1e-15;

function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < terms && term > sum * precision; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum * scale(a, x);
}

function upperFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n < terms; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / nonZero(numerator * d + b, tiny);
    c = nonZero(b + numerator / c, tiny);
    const factor = c * d;
    value *= factor;
    if (Math.abs(factor - 1) < precision) break;
  }
  return value * scale(a, x);
}

const nonZero = (value: number, tiny: number) => (Math.abs(value) < tiny ? tiny : value);

/** x^a e^-x / Γ(a), through logarithms so that large arguments do not overflow. */
function scale(a: number, x: number): number {
  return Math.exp(a * Math.log(x) - x - logGammaOfHalves(a));
}

/** ln Γ(a) for a = 1/2, 1, 3/2, …: Γ(1) = 1, Γ(1/2) = √π, Γ(a + 1) = a Γ(a) (DLMF 5.4, 5.5.1). Exact but for rounding. */
function logGammaOfHalves(a: number): number {
  let sum = Number.isInteger(a) ? 0 : Math.log(Math.PI) / 2;
  for (let factor = Number.isInteger(a) ? 1 : 0.5; factor < a; factor++) sum += Math.log(factor);
  return sum;
}
