import { expect } from 'chai';
import { timeWaitRecycling as check } from '../../../../checks/real-server/time-wait-recycling.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (sysctl: Readonly<Record<string, string>>) => judge(check, { on: 'rs2', facts: { rs2: { sysctl } } });

describe('real-server/time-wait-recycling', () => {
  it('passes with 0, and where the kernel has no such setting', () => {
    expect(when({}).outcome).to.equal('pass');
    expect(when({ 'net.ipv4.tcp_tw_recycle': '0' }).outcome).to.equal('pass');
  });

  it('fails with 1, and has it forgotten before it is set', () => {
    const { outcome, reason, remedy } = finding(when({ 'net.ipv4.tcp_tw_recycle': '1' }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('rs2').and.include('behind one address');
    expect(remedy?.commands).to.deep.equal(['sysctl -w net.ipv4.tcp_tw_recycle=0']);
    expect(remedy?.persistent?.[0]).to.match(/^sed /);
    expect(remedy?.undo?.[0]).to.equal('sysctl -w net.ipv4.tcp_tw_recycle=1');
  });
});
