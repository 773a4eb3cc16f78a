import { expect } from 'chai';
import { distribution } from '../../../../checks/traffic/distribution.ts';
import { finding, judge } from '../../../judgement.ts';

describe('traffic/distribution', () => {
  it('passes, with shares and p-value', () => {
    const judgement = judge(distribution);
    expect(judgement.outcome).to.equal('pass');
    expect(judgement).to.have.nested.property('found.pValue', 1);
  });

  it('fails with what was expected and observed', () => {
    const observed = { rs1: 0.5, rs2: 0, rs3: 0.5 };
    const judgement = judge(distribution, {
      distribution: { observed, outcome: 'fail', pValue: 1e-9, reason: 'rs2 got none' },
    });
    const { outcome, reason, found, expected } = finding(judgement);
    expect(outcome).to.equal('fail');
    expect(reason).to.include('web').and.include('rr').and.include('rs2 got none');
    expect(found).to.deep.include({ observed });
    expect(expected).to.have.keys('rs1', 'rs2', 'rs3');
  });

  it('cannot tell from too small a sample', () => {
    const judgement = judge(distribution, {
      distribution: { outcome: 'error', n: 4, reason: '4 connections are too few' },
    });
    expect(judgement.outcome).to.equal('error');
    expect(judgement).to.have.property('reason').that.includes('too few');
  });
});
