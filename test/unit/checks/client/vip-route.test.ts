import { expect } from 'chai';
import { vipRoute } from '../../../../checks/client/vip-route.ts';
import type { RouteDecision } from '../../../../lib/model/facts.ts';
import { aClusterWith, vip } from '../../../builders.ts';
import { aRoute } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (change: Partial<RouteDecision>) =>
  judge(vipRoute, { facts: { client1: { routes: [aRoute(vip, change)] } } });

describe('client/vip-route', () => {
  it('passes on link and through a router', () => {
    expect(judge(vipRoute).outcome).to.equal('pass');
    expect(when({ gateway: '192.168.122.254' }).outcome).to.equal('pass');
  });

  it('fails when the VIP is the client itself', () => {
    expect(finding(when({ outcome: 'local' })).reason).to.include(`client1 has the VIP ${vip} itself`);
  });

  for (const outcome of ['unreachable', 'no-route', 'blackhole', 'prohibit'] as const) {
    it(`fails when the kernel says ${outcome}`, () => {
      expect(finding(when({ outcome })).reason).to.include(outcome);
    });
  }

  it('fails through a real server with NAT, and only with NAT', () => {
    expect(finding(when({ gateway: '10.10.10.20' })).reason).to.include('through the real server rs2');
    const facts = { client1: { routes: [aRoute(vip, { gateway: '10.10.10.20' })] } };
    expect(judge(vipRoute, { cluster: aClusterWith({ forwarding: 'tun' }), facts }).outcome).to.equal('pass');
  });

  it('cannot tell when nobody asked', () => {
    expect(judge(vipRoute, { facts: { client1: { routes: [] } } }).outcome).to.equal('error');
  });
});
