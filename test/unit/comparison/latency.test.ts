import { expect } from 'chai';
import { ratioOf } from '../../../lib/comparison/estimate.ts';
import { percentileEstimate, requestsFor } from '../../../lib/comparison/latency.ts';
import { seeded } from '../../../lib/distribution/random.ts';
import { aLatency } from '../../builders.ts';
import { recorded } from './recorded.ts';

describe('percentiles of a stored latency', () => {
  it('have no interval where too few values lie beyond them', () => {
    expect(requestsFor(99)).to.equal(700);
    expect(requestsFor(50)).to.equal(14);
    expect(percentileEstimate(aLatency({ count: 699 }), 99)).to.equal(undefined);
    expect(percentileEstimate(aLatency({ count: 13 }), 50)).to.equal(undefined);
  });

  it('have themselves in their interval, also where the record keeps little', () => {
    const summary = aLatency({ count: 1000, buckets: [] });
    for (const percent of [50, 99] as const) {
      const { value, low, high } = percentileEstimate(summary, percent) ?? { value: 0, low: 1, high: 0 };
      expect(value).to.equal(percent === 50 ? summary.p50Ms : summary.p99Ms);
      expect(low).to.be.at.most(value);
      expect(high).to.be.at.least(value).and.at.most(summary.maxMs);
    }
  });

  for (const percent of [50, 99] as const) {
    it(`p${percent} of two samples of the same differ by chance about as often as is said`, () => {
      const random = seeded(3);
      const rounds = 120;
      let alarms = 0;
      for (let round = 0; round < rounds; round++) {
        const [one, other] = [recorded(random, 1000, 2), recorded(random, 1000, 2)].map((summary) =>
          percentileEstimate(summary, percent),
        );
        const ratio = one === undefined || other === undefined ? undefined : ratioOf(one, other);
        if (ratio === undefined || ratio.low > 0 || ratio.high < 0) alarms += 1;
      }
      // 1 % is meant; more than 4 of 120 come up once in 250 such tests.
      expect(alarms).to.be.at.most(4);
    }).timeout(20_000);
  }

  it('of a service that is 50 % slower are found to be slower', () => {
    const random = seeded(5);
    const [one, other] = [recorded(random, 2000, 2), recorded(random, 2000, 3)].map((summary) =>
      percentileEstimate(summary, 50),
    );
    const ratio = one === undefined || other === undefined ? undefined : ratioOf(one, other);
    expect(ratio?.value).to.be.closeTo(0.5, 0.1);
    expect(ratio?.low).to.be.above(0.2);
  });
});
