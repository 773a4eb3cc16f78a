import { expect } from 'chai';
import fc from 'fast-check';

import { type DistributionInput, judgeDistribution } from '../../../lib/distribution/judge.ts';

const input = (counts: readonly number[], change: Partial<DistributionInput> = {}): DistributionInput => ({
  service: 'web',
  scheduler: 'rr',
  persistenceS: 0,
  destinations: counts.map((_, index) => ({ name: `rs${index + 1}`, weight: 1 })),
  counts: Object.fromEntries(counts.map((count, index) => [`rs${index + 1}`, count])),
  basis: 'director-counters',
  ...change,
});
const weighted = (...weights: number[]) => ({
  destinations: weights.map((weight, index) => ({ name: `rs${index + 1}`, weight })),
});

describe('distribution/judge', () => {
  it('passes even shares under rr', () => {
    const judged = judgeDistribution(input([667, 667, 666]));
    expect(judged).to.include({ outcome: 'pass', n: 2000, scheduler: 'rr' });
    expect(judged.expected).to.deep.equal({ rs1: 1 / 3, rs2: 1 / 3, rs3: 1 / 3 });
    expect(judged.observed['rs3']).to.be.closeTo(0.333, 0.001);
    expect(judged.pValue).to.be.closeTo(1, 0.01);
  });

  it('fails a real server that got half of its share', () => {
    const judged = judgeDistribution(input([800, 400, 800]));
    expect(judged.outcome).to.equal('fail');
    expect(judged.largestDeviation).to.be.closeTo(1 / 3 - 0.2, 1e-9);
    expect(judged.pValue).to.be.below(1e-10);
  });

  it('cannot tell when a real server with a threshold may have been full', () => {
    const limited = {
      destinations: [1, 2, 3].map((n) => ({ name: `rs${n}`, weight: 1, ...(n === 2 ? { upper: 50 } : {}) })),
    };
    const judged = judgeDistribution(input([800, 400, 800], limited));
    expect(judged).to.include({ outcome: 'error' });
    expect(judged.reason).to.match(/may have been full: rs2 \(50\)/);
    expect(judgeDistribution(input([667, 667, 666], limited)).outcome).to.equal('pass');
  });

  it('takes wrr by its weights and rr without them', () => {
    expect(judgeDistribution(input([1200, 600, 600], { scheduler: 'wrr', ...weighted(2, 1, 1) })).outcome).to.equal(
      'pass',
    );
    expect(judgeDistribution(input([800, 800, 800], { scheduler: 'wrr', ...weighted(2, 1, 1) })).outcome).to.equal(
      'fail',
    );
    expect(judgeDistribution(input([800, 800, 800], weighted(2, 1, 1))).outcome).to.equal('pass');
  });

  it('expects nothing of a quiesced real server, and fails when it gets something', () => {
    expect(judgeDistribution(input([1000, 0, 1000], weighted(1, 0, 1)))).to.include({ outcome: 'pass' });
    const judged = judgeDistribution(input([1000, 3, 1000], weighted(1, 0, 1)));
    expect(judged).to.include({ outcome: 'fail' });
    expect(judged.reason).to.include('rs2 3');
  });

  it('lets a significant but harmless deviation pass: large samples see everything', () => {
    const judged = judgeDistribution(input([502_000, 500_000, 498_000]));
    expect(judged.pValue).to.be.below(0.001);
    expect(judged.outcome).to.equal('pass');
  });

  it('cannot tell from too few connections, and says how many it takes', () => {
    const judged = judgeDistribution(input([5, 4, 5]));
    expect(judged.outcome).to.equal('error');
    expect(judged.reason).to.include('at least 15');
    expect(judged.pValue).to.equal(undefined);
  });

  it('cannot tell under persistence, without a model, with nothing to schedule to, or without connections', () => {
    expect(judgeDistribution(input([900, 0, 0], { persistenceS: 300 })).reason).to.include('persistence');
    expect(judgeDistribution(input([900, 0, 0], { scheduler: 'sh' })).reason).to.include('sh');
    expect(judgeDistribution(input([0, 0], weighted(0, 0))).reason).to.include('quiesced');
    for (const change of [{ persistenceS: 300 }, { scheduler: 'sh' }, weighted(0, 0, 0)]) {
      expect(judgeDistribution(input([0, 0, 0], change)).outcome).to.equal('error');
    }
    expect(judgeDistribution(input([0, 0, 0])).outcome).to.equal('error');
  });

  it('does not depend on the order of the destinations', () => {
    const counts = fc.array(fc.record({ count: fc.nat(5000), weight: fc.nat(10) }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(counts, (rows) => {
        const judge = (order: typeof rows) => {
          const named = order.map((row) => ({ ...row, name: `rs${rows.indexOf(row)}` }));
          const tallied = Object.fromEntries(named.map(({ name, count }) => [name, count]));
          return judgeDistribution(input([], { scheduler: 'wrr', destinations: named, counts: tallied }));
        };
        const [one, other] = [judge(rows), judge(rows.toReversed())];
        expect(other.outcome).to.equal(one.outcome);
        expect(other.n).to.equal(one.n);
        expect(other.pValue ?? 0).to.be.closeTo(one.pValue ?? 0, 1e-9);
      }),
    );
  });
});
