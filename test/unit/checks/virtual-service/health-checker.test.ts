import { expect } from 'chai';
import { healthChecker as check } from '../../../../checks/virtual-service/health-checker.ts';
import { aCluster } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const cluster = aCluster({ environment: 'preprod' });
const running = (name: string, active = 'active') => ({
  director1: { units: { systemd: true, units: [{ name, active, enabled: 'enabled' }] } },
});

describe('virtual-service/health-checker', () => {
  it('passes with a program that looks after real servers', () => {
    for (const name of ['keepalived.service', 'ldirectord.service']) {
      expect(judge(check, { cluster, facts: running(name) }).outcome).to.equal('pass');
    }
  });

  it('finds none, or one that is not active', () => {
    const { outcome, reason } = finding(judge(check, { cluster }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('keepalived and ldirectord');
    expect(judge(check, { cluster, facts: running('keepalived.service', 'failed') }).outcome).to.equal('fail');
  });

  it('does not apply to a lab, to rules of keepalived, or without systemd', () => {
    expect(judge(check).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster: { ...cluster, rules: { managedBy: 'keepalived' } } }).outcome).to.equal(
      'not-applicable',
    );
    expect(judge(check, { cluster, facts: running('pacemaker.service') }).outcome).to.equal('not-applicable');
    const facts = { director1: { units: { systemd: false, units: [] } } };
    expect(judge(check, { cluster, facts }).outcome).to.equal('not-applicable');
  });
});
