import { expect } from 'chai';
import { priority } from '../../../../checks/ha/priority.ts';
import { finding } from '../../../judgement.ts';
import { aPair } from '../../../pair-facts.ts';
import { confWith, nowhere, pairJudged, unsure } from './pair.ts';

const cluster = aPair();
const both = (one: Parameters<typeof confWith>[2], other: Parameters<typeof confWith>[2]) =>
  pairJudged(priority, {
    director1: confWith(cluster, 'director1', one),
    director2: confWith(cluster, 'director2', other),
  });

describe('ha/priority', () => {
  it('passes for two, with and without preemption', () => {
    expect(pairJudged(priority).outcome).to.equal('pass');
    expect(both({ nopreempt: true, initialState: 'BACKUP' }, { nopreempt: true }).outcome).to.equal('pass');
    expect(both({ nopreempt: true, initialState: 'BACKUP' }, {}).outcome).to.equal('pass');
  });

  it('fails for one', () => {
    const { reason, faults } = finding(both({ priority: 100 }, {}));
    expect(reason).to.include('director1 and director2 have priority 100');
    expect(faults).to.deep.equal(['vrrp-equal-priority']);
  });

  it('fails for a nopreempt that keepalived clears, or that the other makes void', () => {
    const { reason, faults, culprits } = finding(both({ nopreempt: true }, { nopreempt: true }));
    expect(reason).to.include('is cleared, since its state is MASTER');
    expect(faults).to.deep.equal(['vrrp-preempt-flapping']);
    expect(culprits).to.deep.equal(['director1']);
    expect(finding(both({}, { nopreempt: true })).reason).to.include('preempts in VI_1 although');
  });

  it('does not apply without keepalived, and cannot tell past what is not known', () => {
    expect(pairJudged(priority, { director1: nowhere }).outcome).to.equal('not-applicable');
    expect(pairJudged(priority, { director1: confWith(cluster, 'director1', {}, unsure) }).outcome).to.equal('error');
  });
});
