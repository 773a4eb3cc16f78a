import { expect } from 'chai';
import { vipAcceptance } from '../../../../checks/ha/vip-acceptance.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { finding, judge } from '../../../judgement.ts';
import { iptables } from '../../../packet-filter.ts';
import { aPair, conf } from '../../../pair-facts.ts';
import { confWith, nowhere, pairJudged, unsure } from './pair.ts';

const cluster = aPair();
const first = (...change: [Parameters<typeof confWith>[2], Parameters<typeof confWith>[3]?]) =>
  pairJudged(vipAcceptance, { director1: confWith(cluster, 'director1', ...change) });

const dropping = iptables('filter', '-A INPUT -d 192.168.122.100/32 -j DROP');
const strict = { strict: true, accepts: false, places: { vrrp_strict: { path: conf, line: 2 } } };
const judgedOn = (name: 'director1' | 'director2', more: object) =>
  pairJudged(vipAcceptance, { [name]: { ...confWith(cluster, name, strict), ...more } }, cluster, name);

describe('ha/vip-acceptance', () => {
  it('passes where packets are taken, in strict mode too when it says so', () => {
    expect(pairJudged(vipAcceptance).outcome).to.equal('pass');
    expect(first({ strict: true, accepts: true }).outcome).to.equal('pass');
  });

  it('fails in strict mode and for no_accept, with the line', () => {
    const { outcome, reason } = finding(judgedOn('director1', { firewall: dropping }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('192.168.122.100').and.include(`VI_1 is strict (${conf} line 2)`);
    expect(finding(first({ accepts: false })).reason).to.include('says no_accept');
  });

  it('claims no drop that the filter of a master does not make, and goes by the configuration where that is not known', () => {
    const open = finding(judgedOn('director1', { firewall: iptables('filter') }));
    expect(open.outcome).to.equal('warn');
    expect(open.reason).to.include('lets it in all the same');
    const hidden = { firewall: missing('permission', 'no sudo rule') };
    expect(judgedOn('director1', hidden).outcome).to.equal('fail');
    expect(
      judgedOn('director2', { firewall: iptables('filter') }).outcome,
      'the standby has no such rules yet',
    ).to.equal('fail');
  });

  it('does not apply to one director, or without the VIP in keepalived; cannot tell past what is not known', () => {
    expect(judge(vipAcceptance).outcome).to.equal('not-applicable');
    expect(pairJudged(vipAcceptance, { director1: nowhere }).outcome).to.equal('not-applicable');
    expect(first({ addresses: [] }).outcome).to.equal('not-applicable');
    expect(first({}, unsure).outcome).to.equal('error');
  });
});
