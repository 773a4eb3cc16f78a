import { expect } from 'chai';
import { backupOnly } from '../../../../checks/ha/backup-only.ts';
import { hostNamed } from '../../../builders.ts';
import { factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';
import { aPair } from '../../../pair-facts.ts';
import { pairJudged } from './pair.ts';

const { sysctl } = factsOf(aPair(), hostNamed(aPair(), 'director1'));
const key = 'net.ipv4.vs.backup_only';
const only = { sysctl: { ...sysctl, [key]: '1' } };
const backup = { connectionSync: { daemons: [{ role: 'backup' as const, interface: 'eth0', id: 51 }] } };

describe('ha/backup-only', () => {
  it('passes on the active director that sends, and on the standby', () => {
    expect(pairJudged(backupOnly).outcome).to.equal('pass');
    expect(pairJudged(backupOnly, { director1: only }).outcome).to.equal('pass');
    expect(pairJudged(backupOnly, { director2: only }, aPair(), 'director2').outcome).to.equal('pass');
    expect(
      pairJudged(backupOnly, { director1: { ...backup, sysctl: { 'net.ipv4.vs.conntrack': '0' } } }).outcome,
    ).to.equal('pass');
  });

  it('fails on the active director that only takes', () => {
    const { reason, remedy } = finding(pairJudged(backupOnly, { director1: { ...only, ...backup } }));
    expect(reason).to.include('IPVS leaves every packet to the host itself');
    expect(remedy?.commands).to.deep.equal([`sysctl -w ${key}=0`]);
  });

  it('cannot tell without ip_vs, and does not apply to one director', () => {
    expect(pairJudged(backupOnly, { director1: { sysctl: {} } }).outcome).to.equal('error');
    expect(judge(backupOnly).outcome).to.equal('not-applicable');
  });
});
