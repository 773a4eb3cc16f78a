/** Chi-square, where each connection or each client is a trial of its own. */
import { goodnessOfFit, smallestExpectedCount } from './chi-square.ts';
import {
  type DistributionInput,
  full,
  type Judged,
  perhapsFull,
  points,
  significance,
  tolerableDeviation,
} from './input.ts';
import { acceptanceInterval, confidenceInterval } from './normal.ts';
import { trialsNeeded } from './power.ts';

export interface Trials {
  readonly unit: 'connection' | 'source-address';
  /** By name of the real server. */
  readonly counts: Readonly<Record<string, number>>;
  /** By name; they sum to 1. */
  readonly expected: Readonly<Record<string, number>>;
  readonly limits?: readonly string[];
}

export function judgeByChiSquare(input: DistributionInput, { unit, counts, expected, limits = [] }: Trials): Judged {
  const names = input.destinations.map(({ name }) => name);
  const active = names.filter((name) => (expected[name] ?? 0) > 0);
  const shares = active.map((name) => expected[name] ?? 0);
  const seen = active.map((name) => counts[name] ?? 0);
  const size = seen.reduce((sum, count) => sum + count, 0);
  const needed = Math.max(Math.ceil(smallestExpectedCount / Math.min(...shares)), trialsNeeded(shares, significance));
  const each = <T>(value: (name: string) => T) => Object.fromEntries(names.map((name) => [name, value(name)]));
  const level = significance / names.length;
  const common = {
    method: 'chi-square' as const,
    expected,
    bounds: each((name) => acceptanceInterval(expected[name] ?? 0, size, level)),
    confidence: each((name) => confidenceInterval(counts[name] ?? 0, size, level)),
    sample: { unit, size, needed },
    limits,
  };
  const [one, many] = unit === 'connection' ? ['connection', 'connections'] : ['source address', 'source addresses'];
  const tooFew = `${size} ${size === 1 ? `${one} is` : `${many} are`} too few to judge these shares by: at least ${needed} are needed to find a real server at half its weight`;
  if (size * Math.min(...shares) < smallestExpectedCount) return { ...common, outcome: 'error', reason: tooFew };

  const { chiSquare, pValue } = goodnessOfFit(seen, shares);
  const judged = { ...common, chiSquare, pValue };
  const deviation = Math.max(...active.map((name) => Math.abs((counts[name] ?? 0) / size - (expected[name] ?? 0))));
  const promise = `what ${input.scheduler} promises`;
  if (pValue < significance && deviation > tolerableDeviation) {
    const limited = perhapsFull(input);
    if (limited.length > 0)
      return {
        ...judged,
        outcome: 'error',
        reason: `the shares are up to ${points(deviation)} away from ${promise}, and real servers with a connection threshold may have been full: ${full(limited)}`,
      };
    return {
      ...judged,
      outcome: 'fail',
      reason: `the shares are up to ${points(deviation)} away from ${promise}, too far for chance over ${size} ${many}`,
    };
  }
  if (size < needed) return { ...judged, outcome: 'error', reason: tooFew };
  return {
    ...judged,
    outcome: 'pass',
    reason: `the shares are within ${points(deviation)} of ${promise} over ${size} ${many}`,
  };
}
