import { expect } from 'chai';
import { gratuitousArp } from '../../../../checks/ha/gratuitous-arp.ts';
import type { GratuitousArp } from '../../../../lib/model/facts.ts';
import { finding, judge } from '../../../judgement.ts';
import { aPair } from '../../../pair-facts.ts';
import { confWith, nowhere, pairJudged, unsure } from './pair.ts';

const cluster = aPair();
const usual = { repeat: 5, delayMs: 5000, refreshMs: 0, lowerPriorityRepeat: 5 };
const garp = (change: Partial<GratuitousArp>) =>
  pairJudged(gratuitousArp, { director1: confWith(cluster, 'director1', { garp: { ...usual, ...change } }) });

describe('ha/gratuitous-arp', () => {
  it('passes with the defaults, and with a refresh', () => {
    expect(pairJudged(gratuitousArp).outcome).to.equal('pass');
    expect(garp({ repeat: 1, delayMs: 0, lowerPriorityRepeat: 0, refreshMs: 60_000 }).outcome).to.equal('pass');
  });

  it('warns of one announcement, none, and none after a partition', () => {
    const once = finding(garp({ repeat: 1, delayMs: 0 }));
    expect(once.reason).to.include('announces its addresses once');
    expect(once.faults).to.deep.equal(['garp-lost-after-failover']);
    expect(finding(garp({ repeat: 0 })).reason).to.include('never');
    expect(finding(garp({ lowerPriorityRepeat: 0 })).faults).to.deep.equal(['no-garp-after-split-brain-heal']);
  });

  it('does not apply without a VIP in keepalived, and cannot tell past what is not known', () => {
    expect(judge(gratuitousArp).outcome).to.equal('not-applicable');
    expect(pairJudged(gratuitousArp, { director1: nowhere }).outcome).to.equal('not-applicable');
    expect(pairJudged(gratuitousArp, { director1: confWith(cluster, 'director1', {}, unsure) }).outcome).to.equal(
      'error',
    );
  });
});
