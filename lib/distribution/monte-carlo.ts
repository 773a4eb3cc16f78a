/**
 * Schedulers that look at connections at work: their shares follow from how long connections last and what was in the
 * table before, so the load as it was measured is simulated, many times over.
 */
import {
  type DistributionInput,
  full,
  inKernelOrder,
  type Judged,
  type LoadConditions,
  orderKnown,
  perhapsFull,
  points,
  significance,
  tolerableDeviation,
  untestable,
  type WeightedDestination,
} from './input.ts';
import { quantile, twoSided } from './normal.ts';
import { gamma, normal, type Random } from './random.ts';
import {
  leastConnection,
  localityLeastConnection,
  neverQueue,
  overflow,
  type Pick,
  replicatedLocality,
  shortestExpectedDelay,
  weightedLeastConnection,
} from './schedulers.ts';
import { meanHeldMs, simulate } from './simulation.ts';

/** Beginnings that lead to other shares, of which one is the true one: what lblc and lblcr have in their cache. */
type Scenario = () => Pick;

const schedulers: Readonly<Partial<Record<string, (destinations: number) => readonly Scenario[]>>> = {
  lc: () => [() => leastConnection],
  wlc: () => [() => weightedLeastConnection],
  sed: () => [() => shortestExpectedDelay],
  nq: () => [() => neverQueue],
  ovf: () => [() => overflow],
  lblc: (destinations) => [
    () => localityLeastConnection(),
    ...Array.from({ length: destinations }, (_, index) => () => localityLeastConnection(index)),
  ],
  lblcr: (destinations) => [
    () => replicatedLocality(),
    ...Array.from({ length: destinations }, (_, index) => () => replicatedLocality([index])),
    () => replicatedLocality(Array.from({ length: destinations }, (_, index) => index)),
  ],
};

export const countsConnections = (scheduler: string): boolean => schedulers[scheduler] !== undefined;

/** Picks in all simulations together: some seconds at most. */
const budget = 1_200_000;
/** The shares of longer runs are taken from as many. */
const mostConnections = 50_000;
const [fewestRuns, mostRuns] = [24, 60];

interface Simulated {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

export function judgeBySimulation(input: DistributionInput, n: number, random: Random): Judged {
  const { scheduler, conditions } = input;
  if (conditions === undefined)
    return untestable(
      `${scheduler} goes by the connections at work, and how many there were at once and for how long is not known`,
    );
  const { destinations } = input;
  const ordered = inKernelOrder(input);
  const orders = orderKnown(input) ? [ordered] : [ordered, ordered.toReversed()];
  const scenarios = orders.flatMap((order) =>
    (schedulers[scheduler]?.(order.length) ?? []).map((scenario) => ({ order, scenario })),
  );
  const simulated = Math.min(n, mostConnections);
  const runs = Math.floor(budget / Math.max(1, simulated * scenarios.length));
  const repeat = Math.min(mostRuns, Math.max(fewestRuns, runs));
  const observed = destinations.map(({ name }) => (input.counts[name] ?? 0) / n);
  const fits = scenarios.map((scenario) =>
    fit(simulatedShares(input, conditions, { ...scenario, simulated, repeat }, random), observed, simulated),
  );
  const best = fits.reduce((a, b) => (b.excess < a.excess || (b.excess === a.excess && b.pValue > a.pValue) ? b : a));
  const named = <T>(values: readonly T[]) =>
    Object.fromEntries(destinations.map(({ name }, index) => [name, values[index] as T]));
  const common = {
    method: 'monte-carlo' as const,
    expected: named(best.mean),
    bounds: named(best.bounds),
    pValue: best.pValue,
    sample: { unit: 'connection' as const, size: n },
    limits: limitsOf(input, conditions),
  };
  const limited = perhapsFull(input);
  const given = `what ${scheduler} would have given under this load`;
  if (best.excess > tolerableDeviation) {
    if (limited.length > 0 && conditions.before === undefined)
      return {
        ...common,
        outcome: 'error',
        reason: `the shares are up to ${points(best.excess)} outside of ${given}, and real servers with a connection threshold may have been full: ${full(limited)}`,
      };
    return {
      ...common,
      outcome: 'fail',
      reason: `the shares are up to ${points(best.excess)} outside of ${given}, simulated ${repeat} times`,
    };
  }
  const vague = destinations.filter((_, index) => tooWide(best, index));
  if (vague.length > 0)
    return {
      ...common,
      outcome: 'error',
      reason: `${given} is known too roughly to tell a share from half of it: ${vague.map(({ name }) => name).join(', ')}`,
    };
  return { ...common, outcome: 'pass', reason: `the shares are within ${given}, simulated ${repeat} times` };
}

/** A share of next to nothing cannot be halved visibly, and need not. */
const smallestShare = 0.02;

function tooWide({ mean, bounds }: Fit, index: number): boolean {
  const [share = 0, range] = [mean[index], bounds[index]];
  return share >= smallestShare && (range?.[0] ?? 0) <= share / 2;
}

interface Runs {
  readonly order: readonly WeightedDestination[];
  readonly scenario: Scenario;
  readonly simulated: number;
  readonly repeat: number;
}

/** In the order of the input's destinations. */
function simulatedShares(
  input: DistributionInput,
  conditions: LoadConditions,
  { order, scenario, simulated, repeat }: Runs,
  random: Random,
): Simulated {
  const shares = new Map<string, { sum: number; squares: number }>(
    order.map(({ name }) => [name, { sum: 0, squares: 0 }]),
  );
  for (let run = 0; run < repeat; run++) {
    const slowness = order.map(({ name }) => slownessOf(name, input, conditions, random));
    const options = { destinations: order, pick: scenario(), connections: simulated, conditions, slowness, random };
    const counts = simulate(options);
    const total = counts.reduce((sum, count) => sum + count, 0);
    order.forEach(({ name }, index) => {
      const share = total === 0 ? 0 : (counts[index] ?? 0) / total;
      const moment = shares.get(name);
      if (moment === undefined) return;
      moment.sum += share;
      moment.squares += share ** 2;
    });
  }
  const moments = input.destinations.map(({ name }) => shares.get(name) ?? { sum: 0, squares: 0 });
  const mean = moments.map(({ sum }) => sum / repeat);
  const deviation = moments.map(({ squares }, index) =>
    Math.sqrt(Math.max(0, squares / repeat - (mean[index] ?? 0) ** 2)),
  );
  return { mean, deviation };
}

/** Fewer looks at the table say nothing of how much they vary. */
const fewestLooks = 5;

/**
 * A likely value of how long connections to a destination last, over what the client measured of all of them: active
 * entries over connections begun in the time (Little's law). Without samples it is wide, and so are the shares then.
 */
function slownessOf(
  name: string,
  { counts, destinations }: DistributionInput,
  conditions: LoadConditions,
  random: Random,
): number {
  const heldMs = meanHeldMs(conditions);
  const count = counts[name] ?? 0;
  if (destinations.length < 2 || heldMs <= 0 || count === 0) return 1;
  const { intervalMs = 0, active = {} } = conditions.sampled ?? {};
  const looks = active[name] ?? [];
  // A connection that is in several samples is one piece of evidence.
  const independent = looks.length / (1 + (2 * heldMs) / Math.max(1, intervalMs));
  const sum = looks.reduce((total, each) => total + each, 0);
  const asClient = (count * heldMs) / Math.max(1, conditions.durationMs);
  // As if each entry seen were a chance of its own, with one connection as the client measured it for a start.
  if (looks.length < fewestLooks || sum === 0) {
    const weight = independent / Math.max(1, looks.length);
    return gamma(sum * weight + 1, random) / (asClient * looks.length * weight + 1);
  }
  const mean = sum / looks.length;
  const variance = looks.reduce((total, each) => total + (each - mean) ** 2, 0) / (looks.length - 1);
  const error = Math.sqrt(Math.max(variance, 1 / looks.length) / Math.max(1, independent));
  return Math.max(mean / 5, mean + error * normal(random)) / asClient;
}

interface Fit extends Simulated {
  readonly bounds: readonly (readonly [number, number])[];
  readonly pValue: number;
  /** How far outside of the bounds the share is that is furthest out, as a share. */
  readonly excess: number;
}

function fit({ mean, deviation }: Simulated, observed: readonly number[], connections: number): Fit {
  const z = quantile(significance / mean.length);
  // A share is a count, and one connection more or less is none.
  const spread = deviation.map((one) => Math.max(one, 0.5 / connections));
  const bounds = mean.map((share, index): readonly [number, number] => {
    const half = z * (spread[index] ?? 0);
    return [Math.max(0, share - half), Math.min(1, share + half)];
  });
  const furthest = Math.max(
    ...mean.map((share, index) => Math.abs((observed[index] ?? 0) - share) / (spread[index] ?? 1)),
  );
  const excess = Math.max(
    ...bounds.map(([low, high], index) => Math.max(low - (observed[index] ?? 0), (observed[index] ?? 0) - high, 0)),
  );
  return { mean, deviation, bounds, pValue: Math.min(1, mean.length * twoSided(furthest)), excess };
}

function limitsOf(input: DistributionInput, conditions: LoadConditions): readonly string[] {
  return [
    ...(conditions.sampled === undefined ? ['how long each real server takes was not sampled'] : []),
    ...(conditions.before === undefined ? ['what was in the table before is not known'] : []),
    ...(orderKnown(input) ? [] : ['the order in which the kernel has the destinations is not known']),
  ];
}
