import { expect } from 'chai';
import fc from 'fast-check';

import { goodnessOfFit, upperTail } from '../../../lib/distribution/chi-square.ts';

describe('distribution/chi-square', () => {
  // Critical values of the chi-square distribution (NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4).
  const critical: readonly (readonly [df: number, x: number, p: number])[] = [
    [1, 2.706, 0.1],
    [1, 3.841, 0.05],
    [1, 6.635, 0.01],
    [1, 10.828, 0.001],
    [2, 4.605, 0.1],
    [2, 5.991, 0.05],
    [2, 13.816, 0.001],
    [3, 7.815, 0.05],
    [9, 16.919, 0.05],
    [10, 29.588, 0.001],
    [30, 43.773, 0.05],
    [100, 124.342, 0.05],
    [100, 149.449, 0.001],
  ];
  for (const [df, x, p] of critical) {
    it(`P(X >= ${x}) with ${df} degrees of freedom is ${p}`, () => {
      expect(upperTail(x, df)).to.be.closeTo(p, p * 0.002);
    });
  }

  it('agrees with the closed form for two degrees of freedom, far into the tail', () => {
    for (const x of [0.001, 0.5, 1, 10, 100, 500, 1400]) {
      expect(upperTail(x, 2) / Math.exp(-x / 2)).to.be.closeTo(1, 1e-11);
    }
  });

  it('agrees with the closed form for four degrees of freedom', () => {
    for (const x of [0.1, 3, 7, 20, 80]) expect(upperTail(x, 4)).to.be.closeTo((1 + x / 2) * Math.exp(-x / 2), 1e-12);
  });

  it('computes the statistic of a worked example: 44 heads and 56 tails', () => {
    const { chiSquare, degreesOfFreedom, pValue } = goodnessOfFit([44, 56], [0.5, 0.5]);
    expect(chiSquare).to.be.closeTo(1.44, 1e-12);
    expect(degreesOfFreedom).to.equal(1);
    expect(pValue).to.be.closeTo(0.2301, 0.0001);
  });

  it('has nothing to compare with one class', () => {
    expect(goodnessOfFit([10], [1])).to.include({ chiSquare: 0, pValue: 1 });
  });

  it('refuses what is no table', () => {
    expect(() => goodnessOfFit([], [])).to.throw(RangeError);
    expect(() => goodnessOfFit([1, 2], [1])).to.throw(RangeError);
    expect(() => goodnessOfFit([1, NaN], [0.5, 0.5])).to.throw(RangeError);
    expect(() => goodnessOfFit([1, 2], [1, 0])).to.throw(RangeError);
  });

  it('stays in 0..1 and falls as the statistic grows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        (df, a, b) => {
          const [low, high] = [upperTail(Math.min(a, b), df), upperTail(Math.max(a, b), df)];
          expect(low).to.be.within(0, 1);
          expect(high).to.be.at.most(low + 1e-12);
        },
      ),
    );
  });
});
