import { expect } from 'chai';
import { ftpApplication as check } from '../../../../checks/director/ftp-application.ts';
import { aClusterWith } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const cluster = aClusterWith({ port: 21 });

describe('director/ftp-application', () => {
  it('passes with the module', () => {
    const modules = { present: ['ip_vs', 'ip_vs_ftp'], atBoot: [] };
    expect(judge(check, { cluster, facts: { director1: { modules } } }).outcome).to.equal('pass');
  });

  it('finds it missing', () => {
    const { outcome, remedy } = finding(judge(check, { cluster }));
    expect(outcome).to.equal('fail');
    expect(remedy?.commands).to.deep.equal(['modprobe ip_vs_ftp']);
  });

  it('does not apply to another port or method', () => {
    expect(judge(check).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster: aClusterWith({ port: 21, forwarding: 'dr' }) }).outcome).to.equal('not-applicable');
  });
});
