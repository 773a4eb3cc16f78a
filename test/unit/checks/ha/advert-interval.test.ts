import { expect } from 'chai';
import { advertInterval } from '../../../../checks/ha/advert-interval.ts';
import { finding } from '../../../judgement.ts';
import { aPair } from '../../../pair-facts.ts';
import { confWith, nowhere, pairJudged, unsure } from './pair.ts';

const cluster = aPair();

describe('ha/advert-interval', () => {
  it('passes for one interval and version, that of the cluster file where it has one', () => {
    expect(pairJudged(advertInterval).outcome).to.equal('pass');
    expect(pairJudged(advertInterval, {}, aPair({ ha: { vrid: 51 } })).outcome).to.equal('pass');
  });

  it('fails for two intervals and two versions', () => {
    const slow = confWith(cluster, 'director2', { advertIntervalMs: 3000, version: 3 });
    const { reason, faults } = finding(pairJudged(advertInterval, { director2: slow }));
    expect(reason).to.include('director1 1 s').and.include('director2 3 s').and.include('VRRP version of VI_1 differs');
    expect(faults).to.deep.equal(['vrrp-advert-int-mismatch']);
  });

  it('fails where the cluster file says another one', () => {
    const judged = pairJudged(advertInterval, {}, aPair({ ha: { advertIntervalMs: 250 } }));
    expect(finding(judged).reason).to.include('the cluster file says 0.25 s');
  });

  it('does not apply without keepalived, and cannot tell past what is not known', () => {
    expect(pairJudged(advertInterval, { director1: nowhere }).outcome).to.equal('not-applicable');
    expect(pairJudged(advertInterval, { director1: confWith(cluster, 'director1', {}, unsure) }).outcome).to.equal(
      'error',
    );
  });
});
