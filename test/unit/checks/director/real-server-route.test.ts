import { expect } from 'chai';
import { realServerRoute as check } from '../../../../checks/director/real-server-route.ts';
import type { RouteDecision } from '../../../../lib/model/facts.ts';
import { aClusterWith } from '../../../builders.ts';
import { aRoute } from '../../../host-facts.ts';
import { finding, judge, quoted } from '../../../judgement.ts';

const routes = (third: Partial<RouteDecision>): RouteDecision[] => [
  aRoute('10.10.10.10'),
  aRoute('10.10.10.20', { outcome: 'local', interface: 'lo' }),
  aRoute('10.10.10.30', third),
];

describe('director/real-server-route', () => {
  it('passes on link, through a router, and for a real server that is the director', () => {
    expect(judge(check).outcome).to.equal('pass');
    expect(judge(check, { facts: { director1: { routes: routes({ gateway: '10.10.10.254' }) } } }).outcome).to.equal(
      'pass',
    );
  });

  for (const outcome of ['unreachable', 'blackhole', 'prohibit', 'no-route'] as const) {
    it(`fails where the kernel says ${outcome}, whatever the protocol, and names that real server alone`, () => {
      for (const protocol of ['tcp', 'udp'] as const) {
        const judgement = judge(check, {
          cluster: aClusterWith({ protocol }),
          facts: { director1: { routes: routes({ outcome }) } },
        });
        const { reason } = finding(judgement);
        expect(judgement.outcome).to.equal('fail');
        expect(reason).to.include(`rs3 (10.10.10.30): its kernel says ${outcome}`).and.not.include('rs1');
      }
    });
  }

  it('quotes the answers of ip route get', () => {
    const judgement = judge(check);
    expect(quoted(judgement)).to.include('10.10.10.30');
  });

  it('cannot tell without a decision', () => {
    const judgement = judge(check, { facts: { director1: { routes: routes({}).slice(1) } } });
    expect(judgement.outcome).to.equal('error');
    expect(judgement).to.have.property('reason').that.includes('10.10.10.10');
  });
});
