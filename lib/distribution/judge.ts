/** Judges how connections fell on the real servers of one service. Pure. */
import type { Distribution } from '../model/observations.ts';
import { goodnessOfFit, smallestExpectedCount } from './chi-square.ts';
import { expectedShares, modelledSchedulers, type WeightedDestination } from './shares.ts';

export interface DistributionInput {
  readonly service: string;
  readonly scheduler: string;
  readonly persistenceS: number;
  readonly destinations: readonly WeightedDestination[];
  /** Connections by name of the real server; a destination that is absent had none. */
  readonly counts: Readonly<Record<string, number>>;
  readonly basis: Distribution['basis'];
}

/** So unlikely an unevenness is no chance … */
export const significance = 0.001;
/** … and so small a one harms nobody: with enough connections any scheduler's end of cycle is significant. */
export const tolerableDeviation = 0.01;

export function judgeDistribution(input: DistributionInput): Distribution {
  const { service, scheduler, persistenceS, destinations, counts, basis } = input;
  const n = destinations.reduce((sum, { name }) => sum + (counts[name] ?? 0), 0);
  const observed = Object.fromEntries(destinations.map(({ name }) => [name, n === 0 ? 0 : (counts[name] ?? 0) / n]));
  const all = Object.fromEntries(destinations.map(({ name }) => [name, counts[name] ?? 0]));
  const expected = expectedShares(scheduler, destinations);
  const largestDeviation =
    expected === undefined
      ? 0
      : Math.max(...destinations.map(({ name }) => Math.abs((observed[name] ?? 0) - (expected[name] ?? 0))));
  const common = { service, scheduler, basis, observed, counts: all, n, expected: expected ?? {}, largestDeviation };

  if (expected === undefined) {
    const reason = destinations.every(({ weight }) => weight <= 0)
      ? 'every destination is quiesced, so nothing may be scheduled'
      : `there is no model of scheduler ${scheduler} yet; there is one of ${modelledSchedulers.join(' and ')}`;
    return { ...common, outcome: 'error', reason };
  }
  if (persistenceS > 0) {
    const reason = `persistence of ${persistenceS} s sends every connection of one client to one real server, so one source address cannot show the balance`;
    return { ...common, outcome: 'error', reason };
  }
  return { ...common, ...judged(scheduler, destinations, all, expected, n, largestDeviation) };
}

function judged(
  scheduler: string,
  destinations: readonly WeightedDestination[],
  counts: Readonly<Record<string, number>>,
  expected: Readonly<Record<string, number>>,
  n: number,
  largestDeviation: number,
): Pick<Distribution, 'outcome' | 'reason' | 'pValue' | 'chiSquare'> {
  const quiesced = destinations.filter(({ name }) => expected[name] === 0 && (counts[name] ?? 0) > 0);
  if (quiesced.length > 0) {
    const names = quiesced.map(({ name }) => `${name} ${counts[name] ?? 0}`).join(', ');
    return { outcome: 'fail', reason: `quiesced real servers were given connections: ${names}` };
  }
  const active = destinations.map(({ name }) => name).filter((name) => (expected[name] ?? 0) > 0);
  const shares = active.map((name) => expected[name] ?? 0);
  const needed = Math.ceil(smallestExpectedCount / Math.min(...shares));
  if (n < needed)
    return {
      outcome: 'error',
      reason: `${n} connections are too few to judge these shares by: at least ${needed} are needed`,
    };
  const { chiSquare, pValue } = goodnessOfFit(
    active.map((name) => counts[name] ?? 0),
    shares,
  );
  const points = `${(largestDeviation * 100).toFixed(1)} percentage points`;
  if (pValue < significance && largestDeviation > tolerableDeviation) {
    const limited = destinations.filter(({ upper = 0 }) => upper > 0);
    if (limited.length > 0) {
      const names = limited.map(({ name, upper }) => `${name} (${upper ?? 0})`).join(', ');
      return {
        outcome: 'error',
        reason: `the shares are up to ${points} away from what ${scheduler} promises, and real servers with a connection threshold may have been full: ${names}`,
      };
    }
    return {
      outcome: 'fail',
      chiSquare,
      pValue,
      reason: `the shares are up to ${points} away from what ${scheduler} promises, too far for chance over ${n} connections`,
    };
  }
  return {
    outcome: 'pass',
    chiSquare,
    pValue,
    reason: `the shares are within ${points} of what ${scheduler} promises over ${n} connections`,
  };
}
