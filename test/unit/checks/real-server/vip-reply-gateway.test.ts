import { expect } from 'chai';
import { vipReplyGateway as check } from '../../../../checks/real-server/vip-reply-gateway.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { aCluster, aDirectCluster, vip } from '../../../builders.ts';
import { anAddress, aRoute, type FactChanges } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const cip = '172.16.0.2';
const dip = '192.168.122.10';
const when = (gateway: string, director1: FactChanges = {}) =>
  judge(check, {
    on: 'rs2',
    cluster: aDirectCluster('dr'),
    facts: { director1, rs2: { routes: [aRoute(cip, { from: vip, gateway })] } },
  });

describe('real-server/vip-reply-gateway', () => {
  it('passes through a router', () => {
    expect(judge(check, { on: 'rs2', cluster: aDirectCluster('dr') }).outcome).to.equal('pass');
    expect(judge(check, { on: 'rs2', cluster: aDirectCluster('tun') }).outcome).to.equal('pass');
  });

  it('fails through the DIP, the VIP, or another address of the director', () => {
    for (const gateway of [dip, vip, '192.168.122.99']) {
      const addresses = [anAddress('eth0', dip), anAddress('eth0', '192.168.122.99')];
      const { outcome, reason } = finding(when(gateway, { addresses }));
      expect(outcome).to.equal('fail');
      expect(reason).to.include(gateway).and.include('director1');
    }
  });

  it('passes where the director takes and forwards such packets', () => {
    const takes = {
      'net.ipv4.ip_forward': '1',
      'net.ipv4.conf.all.accept_local': '1',
      'net.ipv4.conf.eth0.accept_local': '0',
      'net.ipv4.conf.all.rp_filter': '0',
      'net.ipv4.conf.eth0.rp_filter': '0',
    };
    expect(when(dip, { sysctl: takes }).outcome).to.equal('pass');
    expect(when(dip, { sysctl: { ...takes, 'net.ipv4.conf.all.rp_filter': '1' } }).outcome).to.equal('fail');
    expect(when(dip, { sysctl: { ...takes, 'net.ipv4.ip_forward': '0' } }).outcome).to.equal('fail');
  });

  it('goes by the plain way where the VIP is no address of the real server', () => {
    const routes = [
      { destination: cip, from: vip, outcome: 'source-not-local' } as const,
      aRoute(cip, { gateway: dip }),
    ];
    expect(judge(check, { on: 'rs2', cluster: aDirectCluster('dr'), facts: { rs2: { routes } } }).outcome).to.equal(
      'fail',
    );
  });

  it('cannot tell whose a gateway is while the director is silent', () => {
    const silent = { addresses: missing('unreachable', 'director1 does not answer') };
    expect(when('192.168.122.99', silent).outcome).to.equal('error');
    expect(when(dip, silent).outcome, 'the DIP is declared').to.equal('fail');
  });

  it('does not apply to NAT, nor to clients on link', () => {
    expect(judge(check, { cluster: aCluster() }).outcome).to.equal('not-applicable');
    const routes = [aRoute(cip, { from: vip })];
    expect(judge(check, { on: 'rs2', cluster: aDirectCluster('dr'), facts: { rs2: { routes } } }).outcome).to.equal(
      'not-applicable',
    );
  });
});
