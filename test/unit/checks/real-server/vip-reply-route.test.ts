import { expect } from 'chai';
import { vipReplyRoute as check } from '../../../../checks/real-server/vip-reply-route.ts';
import type { RouteDecision } from '../../../../lib/model/facts.ts';
import { aCluster, aDirectCluster, router, vip } from '../../../builders.ts';
import { anAddress, aRoute } from '../../../host-facts.ts';
import { finding, judge, quoted } from '../../../judgement.ts';

const cip = '172.16.0.2';
const rip = '192.168.122.12';
const own = aRoute(vip, { outcome: 'local', interface: 'lo' });
const when = (...routes: RouteDecision[]) =>
  judge(check, { on: 'rs2', cluster: aDirectCluster('dr'), facts: { rs2: { routes: [own, ...routes] } } });

describe('real-server/vip-reply-route', () => {
  it('passes through a router, on link, and to a client that is this host', () => {
    expect(judge(check, { on: 'rs2', cluster: aDirectCluster('dr') }).outcome).to.equal('pass');
    expect(judge(check, { on: 'rs2', cluster: aDirectCluster('tun') }).outcome).to.equal('pass');
    expect(when(aRoute(cip, { from: vip })).outcome).to.equal('pass');
  });

  it('fails without a route', () => {
    const none: RouteDecision = { destination: cip, from: vip, outcome: 'no-route' };
    const judgement = when(none, { ...none, from: rip }, { destination: cip, outcome: 'no-route' });
    const { outcome, reason, remedy } = finding(judgement);
    expect(outcome).to.equal('fail');
    expect(reason).to.include('rs2').and.include('client1').and.include('no-route').and.not.include('rule');
    expect(remedy).to.equal(undefined);
    expect(quoted(judgement)).to.include(cip);
  });

  it('fails where a rule takes the VIP another way than the rest', () => {
    const { reason, remedy } = finding(
      when({ destination: cip, from: vip, outcome: 'blackhole' }, aRoute(cip, { gateway: router })),
    );
    expect(reason)
      .to.include('blackhole')
      .and.include(`via ${router} dev eth0`)
      .and.include('a rule stands in the way');
    expect(remedy?.persistent?.join('\n')).to.include(`ip rule add from ${vip} lookup main pref 100`);
    expect(remedy?.undo?.[0]).to.equal(`ip rule del from ${vip} lookup main pref 100`);
  });

  it('looks from the RIP where a rule takes the packets, and no address has the VIP', () => {
    const routes = [
      aRoute(cip, { from: rip, gateway: router }),
      { destination: cip, from: vip, outcome: 'source-not-local' } as const,
    ];
    const facts = { rs2: { routes, addresses: [anAddress('eth0', rip)] } };
    expect(judge(check, { on: 'rs2', cluster: aDirectCluster('dr'), facts }).outcome).to.equal('pass');
  });

  it('fails when it has the address of the client', () => {
    expect(finding(when(aRoute(cip, { from: vip, outcome: 'local' }))).reason).to.include('for its own');
  });

  it('cannot tell without a decision', () => {
    expect(when(aRoute(cip, { gateway: router })).outcome).to.equal('error');
  });

  it('does not apply to NAT, nor without clients', () => {
    expect(judge(check, { cluster: aCluster() }).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster: aDirectCluster('dr', { clients: [] }) }).outcome).to.equal('not-applicable');
  });
});
