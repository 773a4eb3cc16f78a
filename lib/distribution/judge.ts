/** Judges how connections fell on the real servers of one service. Pure. */
import type { Distribution } from '../model/distribution.ts';
import { hashes, judgeByHash } from './by-hash.ts';
import { judgeByCycle } from './exact.ts';
import { judgeByChiSquare } from './goodness.ts';
import { type DistributionInput, type Judged, untestable } from './input.ts';
import { countsConnections, judgeBySimulation } from './monte-carlo.ts';
import { judgeClients } from './persistence.ts';
import { effectSize } from './power.ts';
import { type Random, seeded } from './random.ts';
import { expectedShares } from './shares.ts';

export type { DistributionInput } from './input.ts';

/** What simulations draw from when nobody says: the same run is judged the same way again. */
export const defaultSeed = 1;

export function judgeDistribution(input: DistributionInput, random: Random = seeded(defaultSeed)): Distribution {
  const { service, scheduler, destinations, basis } = input;
  const counts = Object.fromEntries(destinations.map(({ name }) => [name, input.counts[name] ?? 0]));
  const n = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const observed = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, n === 0 ? 0 : count / n]));
  const { expected = expectedShares(scheduler, destinations) ?? {}, ...judged } = judgedBy(
    { ...input, counts },
    n,
    random,
  );
  const compared = destinations.map(({ name }) => name).filter((name) => expected[name] !== undefined);
  const [seen, promised] = [compared.map((name) => observed[name] ?? 0), compared.map((name) => expected[name] ?? 0)];
  return {
    service,
    scheduler,
    basis,
    expected,
    observed,
    counts,
    n,
    largestDeviation: Math.max(0, ...promised.map((share, index) => Math.abs((seen[index] ?? 0) - share))),
    ...(n === 0 || compared.length === 0 ? {} : { effectSize: effectSize(seen, promised) }),
    ...judged,
  };
}

function judgedBy(input: DistributionInput, n: number, random: Random): Judged {
  const { scheduler, persistenceS, destinations, counts } = input;
  if (destinations.every(({ weight }) => weight <= 0))
    return untestable('every destination is quiesced, so nothing may be scheduled');
  if (!modelledSchedulers.includes(scheduler))
    return untestable(`there is no model of scheduler ${scheduler}; there is one of ${modelledSchedulers.join(', ')}`);
  if (n === 0) return untestable('no connection was counted, so there is nothing to judge');
  const always =
    scheduler === 'fo' || scheduler === 'dh' || (hashes(scheduler) && input.persistenceNetmask === undefined);
  if (persistenceS > 0 && !always) return judgeClients(input);
  const quiesced = destinations.filter(({ name, weight }) => weight <= 0 && (counts[name] ?? 0) > 0);
  if (quiesced.length > 0 && persistenceS === 0) {
    const names = quiesced.map(({ name }) => `${name} ${counts[name] ?? 0}`).join(', ');
    return {
      outcome: 'fail',
      method: 'exact',
      reason: `quiesced real servers were given connections: ${names}`,
      sample: { unit: 'connection', size: n },
    };
  }
  if (hashes(scheduler)) return judgeByHash(input, n);
  if (countsConnections(scheduler)) return judgeBySimulation(input, n, random);
  return judgeByWeights(input, n);
}

/** The director counts each pick once; answers leave out what failed, and others' connections that came in between. */
function judgeByWeights(input: DistributionInput, n: number): Judged {
  const expected = expectedShares(input.scheduler, input.destinations) ?? {};
  const exact = input.basis === 'director-counters' ? judgeByCycle(input, expected, n) : undefined;
  return exact ?? judgeByChiSquare(input, { unit: 'connection', counts: input.counts, expected });
}

const modelledSchedulers: readonly string[] = 'rr wrr lc wlc sed nq fo ovf sh dh mh lblc lblcr'.split(' ');
