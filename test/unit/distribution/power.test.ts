import { expect } from 'chai';
import { goodnessOfFit } from '../../../lib/distribution/chi-square.ts';
import { significance } from '../../../lib/distribution/input.ts';
import { acceptanceInterval, confidenceInterval, quantile, twoSided } from '../../../lib/distribution/normal.ts';
import { effectSize, halved, power, trialsNeeded } from '../../../lib/distribution/power.ts';
import { gamma, seeded } from '../../../lib/distribution/random.ts';
import { trialsOf } from './trials.ts';

describe('distribution/power', () => {
  it('knows the normal distribution', () => {
    expect(twoSided(1.959964)).to.be.closeTo(0.05, 1e-6);
    expect(quantile(0.001)).to.be.closeTo(3.290527, 1e-5);
    const [low, high] = confidenceInterval(10, 20, 0.05);
    expect([low, high].map((share) => share.toFixed(4))).to.deep.equal(['0.2993', '0.7007']);
    expect(confidenceInterval(0, 0, 0.05)).to.deep.equal([0, 1]);
    expect(acceptanceInterval(0.5, 100, 0.05)[0]).to.be.closeTo(0.402, 1e-3);
  });

  it('measures an effect as Cohen does', () => {
    expect(effectSize([0.6, 0.4], [0.5, 0.5])).to.be.closeTo(0.2, 1e-12);
    expect(halved([1 / 3, 1 / 3, 1 / 3], 1).map((share) => share.toFixed(3))).to.deep.equal([
      '0.400',
      '0.200',
      '0.400',
    ]);
  });

  it('asks for as many trials as find half a weight as often as it says, and not far more', () => {
    const random = seeded(7);
    for (const shares of [[1 / 3, 1 / 3, 1 / 3], [0.5, 0.3, 0.2], Array<number>(10).fill(0.1)]) {
      const n = trialsNeeded(shares, significance);
      const worst = shares.indexOf(Math.min(...shares));
      let found = 0;
      for (let run = 0; run < 1000; run++) {
        const counts = trialsOf(n, halved(shares, worst), random);
        if (goodnessOfFit(counts, shares).pValue < significance) found++;
      }
      expect(found / 1000, shares.join()).to.be.within(power - 0.03, power + 0.04);
    }
    expect(trialsNeeded([1], significance)).to.equal(1);
    expect(trialsNeeded([1 / 3, 1 / 3, 1 / 3], significance)).to.be.below(2000);
  });

  it('draws the same numbers for the same seed, evenly, and gamma with its mean', () => {
    const [one, other] = [seeded(3), seeded(3)];
    const drawn = Array.from({ length: 10_000 }, one);
    expect(Array.from({ length: 10_000 }, other)).to.deep.equal(drawn);
    expect(Math.min(...drawn)).to.be.at.least(0);
    expect(Math.max(...drawn)).to.be.below(1);
    const tenths = Array.from({ length: 10 }, (_, tenth) => drawn.filter((x) => Math.floor(x * 10) === tenth).length);
    expect(goodnessOfFit(tenths, Array<number>(10).fill(0.1)).pValue).to.be.above(0.001);
    for (const shape of [1, 4.5]) {
      const mean = Array.from({ length: 20_000 }, () => gamma(shape, one)).reduce((a, b) => a + b, 0) / 20_000;
      expect(mean).to.be.closeTo(shape, 0.1);
    }
  });
});
