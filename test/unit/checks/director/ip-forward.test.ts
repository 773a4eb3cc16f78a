import { expect } from 'chai';
import { ipForward } from '../../../../checks/director/ip-forward.ts';
import { aCluster, aClusterWith, aRealServer } from '../../../builders.ts';
import { finding, judge, quoted } from '../../../judgement.ts';

describe('director/ip-forward', () => {
  it('passes when it is on', () => {
    const judgement = judge(ipForward);
    expect(judgement.outcome).to.equal('pass');
    expect(quoted(judgement)).to.equal('director1: net.ipv4.ip_forward = 1');
  });

  it('fails when it is off, with remedy and undo', () => {
    const { outcome, reason, remedy } = finding(
      judge(ipForward, { facts: { director1: { sysctl: { 'net.ipv4.ip_forward': '0' } } } }),
    );
    expect(outcome).to.equal('fail');
    expect(reason).to.include('director1').and.include('net.ipv4.ip_forward=0');
    expect(remedy?.commands).to.deep.equal(['sysctl -w net.ipv4.ip_forward=1']);
    expect(remedy?.persistent).to.have.length(1);
    expect(remedy?.undo?.[0]).to.equal('sysctl -w net.ipv4.ip_forward=0');
  });

  for (const forwarding of ['dr', 'tun'] as const) {
    it(`does not apply to ${forwarding}`, () => {
      const facts = { director1: { sysctl: { 'net.ipv4.ip_forward': '0' } } };
      expect(judge(ipForward, { cluster: aClusterWith({ forwarding }), facts }).outcome).to.equal('not-applicable');
    });
  }

  it('asks IPv6 forwarding of a cluster whose real servers have IPv6', () => {
    const cluster = aCluster({ realServers: [aRealServer(1, { rip: 'fd00::10' })] });
    const sysctl = { 'net.ipv4.ip_forward': '1', 'net.ipv6.conf.all.forwarding': '0' };
    expect(finding(judge(ipForward, { cluster, facts: { director1: { sysctl } } })).reason).to.include('ipv6');
    const on = { 'net.ipv4.ip_forward': '0', 'net.ipv6.conf.all.forwarding': '1' };
    expect(judge(ipForward, { cluster, facts: { director1: { sysctl: on } } }).outcome).to.equal('pass');
  });

  it('cannot tell when the key was not read', () => {
    expect(judge(ipForward, { facts: { director1: { sysctl: {} } } }).outcome).to.equal('error');
  });
});
