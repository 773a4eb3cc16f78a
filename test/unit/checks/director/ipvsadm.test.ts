import { expect } from 'chai';
import { ipvsadm } from '../../../../checks/director/ipvsadm.ts';
import { aCluster } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const absent = { director1: { ipvsSupport: { loaded: true, schedulers: {} } } };

describe('director/ipvsadm', () => {
  it('passes with its version', () => {
    expect(judge(ipvsadm)).to.deep.include({ outcome: 'pass', found: { version: '1.31' } });
  });

  it('fails where rules are installed with it', () => {
    const { outcome, reason, remedy } = finding(judge(ipvsadm, { facts: absent }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('director1');
    expect(remedy?.commands[0]).to.include('apt-get install -y ipvsadm').and.include('dnf');
    expect(remedy?.undo).to.have.length(1);
  });

  it('only warns where keepalived installs the rules', () => {
    const cluster = aCluster({ rules: { managedBy: 'keepalived' } });
    expect(judge(ipvsadm, { cluster, facts: absent }).outcome).to.equal('warn');
  });

  it('says what the package manager has, and proposes no command that finds nothing', () => {
    const offering = (offer: string | null) => ({
      director1: { ...absent.director1, packageOffer: { manager: 'apt' as const, offers: { ipvsadm: offer } } },
    });
    const there = finding(judge(ipvsadm, { facts: offering('1:1.31-1+b1') }));
    expect(there.reason).to.include('apt offers 1:1.31-1+b1');
    const none = finding(judge(ipvsadm, { facts: offering(null) }));
    expect(none.reason).to.include('apt offers none');
    expect(none.remedy).to.equal(undefined);
  });
});
