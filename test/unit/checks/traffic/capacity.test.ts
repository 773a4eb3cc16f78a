import { expect } from 'chai';
import { capacity } from '../../../../checks/traffic/capacity.ts';
import type { CapacityResult } from '../../../../lib/model/load-result.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (result: Partial<CapacityResult>) =>
  judge(capacity, {
    load: {
      capacity: { limitedBy: 'cluster', reason: 'at 500 requests/s 3% of the requests failed', steps: [], ...result },
    },
  });

describe('traffic/capacity', () => {
  it('passes with the highest rate that held and what limited it, the ceiling too', () => {
    expect(when({ rateRps: 400 })).to.deep.include({
      outcome: 'pass',
      found: { rateRps: 400, limitedBy: 'cluster', steps: 0 },
    });
    expect(when({ rateRps: 400, limitedBy: 'real-server', realServer: 'rs2' })).to.have.nested.property(
      'found.realServer',
      'rs2',
    );
    expect(when({ rateRps: 400, limitedBy: 'ceiling' }).outcome).to.equal('pass');
  });

  it('fails when no rate held', () => {
    const { outcome, reason } = finding(when({}));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('web did not carry the lowest rate').and.include('3% of the requests failed');
  });

  it('cannot tell when the generator was the limit, or the search was interrupted', () => {
    expect(when({ rateRps: 400, limitedBy: 'generator' }).outcome).to.equal('error');
    expect(when({ rateRps: 400, limitedBy: 'interrupted' }).outcome).to.equal('error');
  });

  it('does not apply to a load that is no search', () => {
    expect(judge(capacity).outcome).to.equal('not-applicable');
  });
});
