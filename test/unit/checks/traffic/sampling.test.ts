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

  it('fails above its cost budget', () => {
    expect(finding(judge(sampling, { sampling: { costShare: 0.034 } })).reason).to.include('3.4%');
    expect(judge(sampling, { sampling: { costShare: 0.02 } }).outcome).to.equal('pass');
  });
});
