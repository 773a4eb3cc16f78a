/** rr, wrr and fo, counted by the director: how many connections each destination may have at least and at most. */
import { goodnessOfFit } from './chi-square.ts';
import { cycleBounds } from './cycle.ts';
import {
  type DistributionInput,
  full,
  inKernelOrder,
  type Judged,
  orderKnown,
  perhapsFull,
  points,
  tolerableDeviation,
} from './input.ts';
import { halved } from './power.ts';

/** A destination, its count, and how many the scheduler may have given it. */
interface Row {
  readonly name: string;
  readonly count: number;
  /** Of the connections; 0 where it is quiesced, or another one goes before. */
  readonly share: number;
  readonly fewest: number;
  readonly most: number;
}

/** Undefined where the cycle is too long to be looked at. */
export function judgeByCycle(
  input: DistributionInput,
  expected: Readonly<Record<string, number>>,
  n: number,
): Judged | undefined {
  const { scheduler, driven = n } = input;
  // Counters of the destinations are read one after another, and others' connections come meanwhile.
  const foreign = Math.max(0, n - driven);
  const table = rows(input, expected, n, foreign);
  if (table === undefined) return undefined;
  const active = table.filter(({ share }) => share > 0);
  const shares = active.map(({ share }) => share);
  const outside = Math.max(...table.map(({ count, fewest, most }) => Math.max(fewest - count, count - most, 0)));
  const needed = scheduler === 'fo' ? 1 : connectionsNeeded(shares);
  const { chiSquare, pValue } = goodnessOfFit(
    active.map(({ count }) => count),
    shares,
  );
  const common = {
    method: 'exact' as const,
    expected: Object.fromEntries(table.map(({ name, share }) => [name, share])),
    bounds: Object.fromEntries(table.map(({ name, fewest, most }) => [name, [fewest / n, most / n] as const])),
    sample: { unit: 'connection' as const, size: n, needed },
    limits: [
      ...(foreign > 0 ? [`${foreign} connections are of other clients, so each count may be off by as many`] : []),
      ...(orderKnown(input) || scheduler === 'rr'
        ? []
        : ['the order in which the kernel has the destinations is not known']),
    ],
  };
  const promise = `what ${scheduler} promises over ${n} connections`;
  if (outside / n > tolerableDeviation) {
    const limited = perhapsFull(input);
    const far = `the counts are up to ${outside} (${points(outside / n)}) outside of ${promise}`;
    const judged = { ...common, chiSquare, pValue };
    if (limited.length === 0) return { ...judged, outcome: 'fail', reason: far };
    const reason = `${far}, and real servers with a connection threshold may have been full: ${full(limited)}`;
    return { ...judged, outcome: 'error', reason };
  }
  if (n < needed) {
    const reason = `${n} connections are too few to judge these shares by: at least ${needed} are needed to find a real server at half its weight`;
    return { ...common, outcome: 'error', reason };
  }
  const hidden = active.filter(
    ({ fewest }, index) => scheduler !== 'fo' && shares.length > 1 && fewest <= n * (halved(shares, index)[index] ?? 0),
  );
  if (hidden.length > 0) {
    const names = hidden.map(({ name }) => name).join(', ');
    const reason = `${foreign} of ${n} connections are of other clients, too many to tell a share from half of it: ${names}`;
    return { ...common, outcome: 'error', reason };
  }
  const reason =
    outside === 0
      ? `the counts are exactly ${promise}`
      : `the counts are ${outside} outside of ${promise}, too little to matter: something besides the scheduler had a part in it`;
  return { ...common, chiSquare, pValue, outcome: 'pass', reason };
}

function rows(
  input: DistributionInput,
  expected: Readonly<Record<string, number>>,
  n: number,
  foreign: number,
): readonly Row[] | undefined {
  const { scheduler, counts } = input;
  const destinations = inKernelOrder(input);
  const cycle = cycleBounds(
    scheduler,
    destinations.map(({ weight }) => weight),
    n,
  );
  if (cycle === undefined) return undefined;
  const known = orderKnown(input);
  const slack = foreign + (scheduler === 'wrr' && !known ? 1 : 0);
  return destinations.map(({ name, weight }, index): Row => {
    const [fewest, most] = cycle[index] ?? [0, n];
    const row = { name, count: counts[name] ?? 0, share: expected[name] ?? 0 };
    if (weight <= 0) return { ...row, fewest: 0, most: 0 };
    const range = { fewest: Math.max(0, fewest - slack), most: Math.min(n, most + slack) };
    if (scheduler !== 'fo') return { ...row, ...range };
    // Of equals the first in the kernel's order takes all: any of them, where that is not known.
    if (!known && row.share > 0 && row.share < 1) return { ...row, fewest: 0, most: n };
    return { ...row, share: fewest > 0 ? 1 : 0, ...range };
  });
}

/** So many that half a weight moves some count by two: one is what the end of a cycle does. */
function connectionsNeeded(shares: readonly number[]): number {
  if (shares.length < 2) return 1;
  return Math.ceil(Math.max(...shares.map((share, index) => 2 / (share - (halved(shares, index)[index] ?? 0)))));
}
