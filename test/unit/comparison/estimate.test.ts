import { expect } from 'chai';
import {
  differenceOf,
  type Estimate,
  meanEstimate,
  ratioOf,
  shareEstimate,
  significance,
} from '../../../lib/comparison/estimate.ts';
import { normal, seeded } from '../../../lib/distribution/random.ts';

describe('estimates', () => {
  it('a share of nothing has an upper bound, and its value within', () => {
    expect(shareEstimate(0, 300)).to.deep.include({ value: 0, low: 0 });
    // Wilson, z 2.576: z² / (n + z²).
    expect(shareEstimate(0, 300).high).to.be.closeTo(6.635 / 306.635, 1e-5);
  });

  it("the difference of two shares is Newcombe's", () => {
    // Newcombe (1998), method 10, example (a): 56 of 70 and 48 of 80 at 95 %, there 0.0524 to 0.3339.
    const wilson = (count: number, n: number): Estimate => {
      const [z, p] = [1.959964, count / n];
      const spread = (z * z) / n;
      const half = z * Math.sqrt((p * (1 - p)) / n + spread / (4 * n));
      return { value: p, low: (p + spread / 2 - half) / (1 + spread), high: (p + spread / 2 + half) / (1 + spread) };
    };
    const { value, low, high } = differenceOf(wilson(48, 80), wilson(56, 70));
    expect(value).to.be.closeTo(0.2, 1e-9);
    expect(low).to.be.closeTo(0.0524, 1e-4);
    expect(high).to.be.closeTo(0.3339, 1e-4);
  });

  it('a ratio of itself is none, and one of a figure that may be 0 is not told', () => {
    const one = { value: 10, low: 9, high: 12 };
    const ratio = ratioOf(one, one);
    expect(ratio?.value).to.equal(0);
    expect(ratio?.low).to.be.below(0);
    expect(ratioOf({ value: 1, low: 0, high: 2 }, one)).to.equal(undefined);
  });

  it('the mean of 12 figures lies in its interval about as often as it says', () => {
    const random = seeded(7);
    const rounds = 2000;
    let missed = 0;
    for (let round = 0; round < rounds; round++) {
      const estimate = meanEstimate(Array.from({ length: 12 }, () => 100 + 10 * normal(random)));
      if (estimate === undefined || estimate.low > 100 || estimate.high < 100) missed += 1;
    }
    // The correction for neighbours costs some: chance alone gives them a correlation above 0 half the time.
    expect(missed / rounds).to.be.below(2 * significance);
  });

  it('figures that go along with their neighbours count for less', () => {
    const alternating = [1, 3, 1, 3, 1, 3, 1, 3, 1, 3];
    const drifting = [1, 1, 1, 1, 1, 3, 3, 3, 3, 3];
    const widthOf = (values: number[]) => {
      const { low, high } = meanEstimate(values) ?? { low: Number.NaN, high: Number.NaN };
      return high - low;
    };
    expect(widthOf(drifting)).to.be.above(2 * widthOf(alternating));
    expect(meanEstimate([5])).to.equal(undefined);
    expect(meanEstimate([5, 5, 5])).to.deep.equal({ value: 5, low: 5, high: 5 });
  });
});
