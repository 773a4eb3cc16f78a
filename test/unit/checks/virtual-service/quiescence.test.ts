import { expect } from 'chai';
import { quiescence as check } from '../../../../checks/virtual-service/quiescence.ts';
import { aClusterWith, hostNamed } from '../../../builders.ts';
import { factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';
import { changedRules, noRules } from './rule-change.ts';

const cluster = aClusterWith({ persistenceS: 300 });
const drained = changedRules(cluster, {}, { 1: { weight: 0 } });
const { sysctl } = factsOf(cluster, hostNamed(cluster, 'director1'));
const key = 'net.ipv4.vs.expire_quiescent_template';

describe('virtual-service/quiescence', () => {
  it('passes while nothing is quiesced, or templates end', () => {
    expect(judge(check, { cluster }).outcome).to.equal('pass');
    const facts = { director1: { ...drained.director1, sysctl: { ...sysctl, [key]: '1' } } };
    expect(judge(check, { cluster, facts }).outcome).to.equal('pass');
  });

  it('finds a quiesced destination that keeps its clients', () => {
    const { outcome, reason, remedy } = finding(judge(check, { cluster, facts: drained }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('10.10.10.20:80');
    expect(remedy?.commands).to.deep.equal([`sysctl -w ${key}=1`]);
  });

  it('does not apply without persistence or service', () => {
    expect(judge(check).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster, facts: noRules }).outcome).to.equal('not-applicable');
  });

  it('cannot tell without the setting', () => {
    expect(judge(check, { cluster, facts: { director1: { ...drained.director1, sysctl: {} } } }).outcome).to.equal(
      'error',
    );
  });
});
