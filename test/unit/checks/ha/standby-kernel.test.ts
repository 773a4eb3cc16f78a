import { expect } from 'chai';
import { standbyKernel } from '../../../../checks/ha/standby-kernel.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { hostNamed } from '../../../builders.ts';
import { factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';
import { aNatPair, aPair } from '../../../pair-facts.ts';
import { pairJudged } from './pair.ts';

const nat = aNatPair();
const { sysctl } = factsOf(nat, hostNamed(nat, 'director2'));
const second = (change: Readonly<Record<string, string>>, cluster = nat) =>
  pairJudged(standbyKernel, { director2: { sysctl: { ...sysctl, ...change } } }, cluster);

describe('ha/standby-kernel', () => {
  it('passes where they are the same, whatever counts by itself differs', () => {
    expect(pairJudged(standbyKernel, {}, nat).outcome).to.equal('pass');
    expect(second({ 'net.ipv4.vs.am_droprate': '5' }).outcome).to.equal('pass');
    expect(second({ 'net.ipv4.ip_forward': '0' }, aPair()).outcome).to.equal('pass');
  });

  it('fails where the standby does not forward, and mends that', () => {
    const { reason, remedy } = finding(second({ 'net.ipv4.ip_forward': '0' }));
    expect(reason).to.include('1 on director1 and 0 on director2');
    expect(remedy).to.deep.include({ host: 'director2', commands: ['sysctl -w net.ipv4.ip_forward=1'] });
  });

  it('fails for a setting of IPVS, and a module', () => {
    const { reason, remedy } = finding(second({ 'net.ipv4.vs.conntrack': '1' }));
    expect(reason).to.include('net.ipv4.vs.conntrack is 0 on director1 and 1 on director2');
    expect(remedy).to.equal(undefined);
    const bare = { modules: { present: ['ip_vs'], atBoot: [] } };
    expect(finding(pairJudged(standbyKernel, { director2: bare }, nat)).reason).to.equal(
      'director2 has no module ip_vs_rr',
    );
  });

  it('cannot tell without the settings of one, and does not apply to one director', () => {
    const gone = { sysctl: missing('unreachable', 'director2 is gone') };
    expect(pairJudged(standbyKernel, { director2: gone }, nat).outcome).to.equal('error');
    expect(judge(standbyKernel).outcome).to.equal('not-applicable');
  });
});
