import { expect } from 'chai';
import { sampling } from '../../../../checks/traffic/sampling.ts';
import { aSample } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

describe('traffic/sampling', () => {
  it('is a recommendation, and passes when watched throughout', () => {
    expect(sampling.severity).to.equal('recommended');
    expect(judge(sampling).outcome).to.equal('pass');
  });

  it('fails with fewer than two samples', () => {
    expect(finding(judge(sampling, { sampling: { samples: [aSample(1)] } })).reason).to.include('1 sample only');
  });

  it('fails with a gap, and says how long and why', () => {
    const gaps = [{ fromMs: 1000, toMs: 3500, reason: 'the director did not answer' }];
    expect(finding(judge(sampling, { sampling: { gaps } })).reason).to.include(
      'nothing for 2.50 s (the director did not answer)',
    );
  });

  it('fails above its cost budget, where that is half a second of CPU time or more in all', () => {
    const over = (seconds: number) => [aSample(0), aSample(seconds * 1000)];
    const costing = (costShare: number, seconds: number) =>
      judge(sampling, { sampling: { costShare, samples: over(seconds) } });
    expect(finding(costing(0.034, 20)).reason).to.include('3.4%');
    expect(costing(0.034, 8).outcome).to.equal('pass');
    expect(costing(0.02, 60).outcome).to.equal('pass');
    expect(costing(0.3, 8).outcome).to.equal('fail');
  });
});
