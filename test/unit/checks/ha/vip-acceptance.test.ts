import { expect } from 'chai';
import { vipAcceptance } from '../../../../checks/ha/vip-acceptance.ts';
import { finding, judge } from '../../../judgement.ts';
import { aPair, conf } from '../../../pair-facts.ts';
import { confWith, nowhere, pairJudged, unsure } from './pair.ts';

const cluster = aPair();
const first = (...change: [Parameters<typeof confWith>[2], Parameters<typeof confWith>[3]?]) =>
  pairJudged(vipAcceptance, { director1: confWith(cluster, 'director1', ...change) });

describe('ha/vip-acceptance', () => {
  it('passes where packets are taken, in strict mode too when it says so', () => {
    expect(pairJudged(vipAcceptance).outcome).to.equal('pass');
    expect(first({ strict: true, accepts: true }).outcome).to.equal('pass');
  });

  it('fails in strict mode and for no_accept, with the line', () => {
    const strict = first({ strict: true, accepts: false, places: { vrrp_strict: { path: conf, line: 2 } } });
    expect(finding(strict).reason).to.include('192.168.122.100').and.include(`VI_1 is strict (${conf} line 2)`);
    expect(finding(first({ accepts: false })).reason).to.include('says no_accept');
  });

  it('does not apply to one director, or without the VIP in keepalived; cannot tell past what is not known', () => {
    expect(judge(vipAcceptance).outcome).to.equal('not-applicable');
    expect(pairJudged(vipAcceptance, { director1: nowhere }).outcome).to.equal('not-applicable');
    expect(first({ addresses: [] }).outcome).to.equal('not-applicable');
    expect(first({}, unsure).outcome).to.equal('error');
  });
});
