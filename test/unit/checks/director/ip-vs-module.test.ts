import { expect } from 'chai';
import { ipVsModule } from '../../../../checks/director/ip-vs-module.ts';
import type { IpvsSupport } from '../../../../lib/model/facts.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (change: Partial<IpvsSupport>) =>
  judge(ipVsModule, { facts: { director1: { ipvsSupport: { loaded: false, schedulers: {}, ...change } } } });

describe('director/ip-vs-module', () => {
  it('passes when IPVS is there', () => {
    expect(judge(ipVsModule).outcome).to.equal('pass');
    expect(when({ loaded: true, loadable: false }).outcome, 'built into the kernel').to.equal('pass');
  });

  it('passes when it is not loaded yet and can be', () => {
    expect(when({ loadable: true }).outcome).to.equal('pass');
  });

  it('fails when it cannot be loaded', () => {
    const { outcome, reason, remedy } = finding(when({ loadable: false }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('director1');
    expect(remedy?.commands).to.include('modprobe ip_vs');
  });

  it('cannot tell when modprobe could not say', () => {
    expect(when({}).outcome).to.equal('error');
  });
});
