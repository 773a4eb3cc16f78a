import { expect } from 'chai';
import fc from 'fast-check';
import { cycleBounds } from '../../../lib/distribution/cycle.ts';
import {
  type DestinationState,
  failover,
  leastConnection,
  localityLeastConnection,
  neverQueue,
  overflow,
  type Pick,
  replicatedLocality,
  roundRobin,
  shortestExpectedDelay,
  weightedLeastConnection,
  weightedRoundRobin,
} from '../../../lib/distribution/schedulers.ts';

const states = (...rows: readonly (readonly [weight: number, active?: number, inactive?: number])[]) =>
  rows.map(([weight, active = 0, inactive = 0]): DestinationState => ({ weight, active, inactive, overloaded: false }));
const picks = (pick: Pick, of: readonly DestinationState[], n: number) => Array.from({ length: n }, () => pick(of));

describe('distribution/schedulers', () => {
  it('rr goes round those that may take connections', () => {
    expect(picks(roundRobin(), states([1], [0], [5]), 5)).to.deep.equal([0, 2, 0, 2, 0]);
    expect(roundRobin()(states([0], [0]))).to.equal(-1);
  });

  it('wrr takes the heavy ones first, and everyone in the last pass', () => {
    expect(picks(weightedRoundRobin(), states([4], [3], [2]), 9)).to.deep.equal([0, 0, 1, 0, 1, 2, 0, 1, 2]);
    expect(picks(weightedRoundRobin(), states([8], [0], [4]), 6)).to.deep.equal([0, 0, 2, 0, 0, 2]);
    expect(weightedRoundRobin()(states([0]))).to.equal(-1);
    const full = states([2], [1]);
    for (const state of full) state.overloaded = true;
    expect(weightedRoundRobin()(full)).to.equal(-1);
  });

  it('lc counts an active connection as 256 inactive ones, and knows no weights', () => {
    expect(leastConnection(states([1, 1, 0], [9, 0, 255]))).to.equal(1);
    expect(leastConnection(states([1, 1, 0], [9, 0, 256]))).to.equal(0);
    expect(weightedLeastConnection(states([1, 1, 0], [9, 0, 256]))).to.equal(1);
  });

  it('sed counts the one to come, nq looks for an idle one first', () => {
    expect(shortestExpectedDelay(states([4, 1], [1, 0]))).to.equal(0);
    expect(neverQueue(states([4, 1], [1, 0]))).to.equal(1);
    expect(neverQueue(states([0, 0], [4, 1], [1, 1]))).to.equal(1);
  });

  it('fo takes the heaviest, ovf the heaviest with no more connections than its weight', () => {
    expect(failover(states([1], [3, 99], [2]))).to.equal(1);
    expect(overflow(states([1], [3, 3], [2]))).to.equal(1);
    expect(overflow(states([1], [3, 4], [2]))).to.equal(2);
    expect(overflow(states([1, 2], [3, 4], [2, 3]))).to.equal(-1);
  });

  it('lblc stays where it was until that is at its weight and another one at half of its own', () => {
    const pick = localityLeastConnection();
    expect(pick(states([2], [2]))).to.equal(0);
    expect(pick(states([2, 3], [2, 1]))).to.equal(0);
    expect(pick(states([2, 3], [2, 0]))).to.equal(1);
    expect(pick(states([2, 0], [2, 2]))).to.equal(1);
  });

  it('lblcr adds to its set, and takes the least of it', () => {
    const pick = replicatedLocality([0]);
    expect(pick(states([2, 3], [2, 0], [2, 1]))).to.equal(1);
    expect(pick(states([2, 1], [2, 2], [2, 0]))).to.equal(0);
  });

  it('never leaves the bounds of its cycle, wherever in it a run begins', () => {
    const weights = fc.array(fc.nat(9), { minLength: 1, maxLength: 6 }).filter((all) => all.some((one) => one > 0));
    fc.assert(
      fc.property(weights, fc.nat(60), fc.integer({ min: 1, max: 200 }), (all, skipped, n) => {
        for (const [name, pick] of [
          ['rr', roundRobin()],
          ['wrr', weightedRoundRobin()],
          ['fo', failover],
        ] as const) {
          const of = states(...all.map((weight): [number] => [weight]));
          picks(pick, of, skipped);
          const taken = picks(pick, of, n);
          const bounds = cycleBounds(name, all, n) ?? [];
          expect(bounds).to.have.lengthOf(all.length);
          bounds.forEach(([fewest, most], index) => {
            expect(taken.filter((one) => one === index).length).to.be.within(fewest, most);
            if (name === 'rr') expect(most - fewest).to.be.at.most(1);
          });
        }
      }),
    );
  });

  it('has no bounds without a cycle', () => {
    expect(cycleBounds('lc', [1, 1], 10)).to.equal(undefined);
    expect(cycleBounds('rr', [0, 0], 10)).to.equal(undefined);
    expect(cycleBounds('wrr', [5_000_000, 4_999_999], 10)).to.equal(undefined);
  });
});
