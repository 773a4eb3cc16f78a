import { expect } from 'chai';
import { realServerSegment as check } from '../../../../checks/director/real-server-segment.ts';
import { aCluster, aDirectCluster, router } from '../../../builders.ts';
import { aRoute } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';
import type { RouteDecision } from '../../../../lib/model/facts.ts';

const way = (last: number, change: Partial<RouteDecision> = {}) => aRoute(`192.168.122.${last}`, change);
const when = (...routes: RouteDecision[]) =>
  judge(check, { cluster: aDirectCluster('dr'), facts: { director1: { routes } } });

describe('director/real-server-segment', () => {
  it('passes on link, also for a real server that is the director', () => {
    expect(judge(check, { cluster: aDirectCluster('dr') }).outcome).to.equal('pass');
    expect(when(way(11, { outcome: 'local', interface: 'lo' }), way(12), way(13)).outcome).to.equal('pass');
  });

  it('fails through a router', () => {
    const { outcome, reason } = finding(when(way(11), way(12, { gateway: router }), way(13)));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('rs2 (192.168.122.12)').and.include(router).and.not.include('rs1');
  });

  it('leaves one without any way to another check', () => {
    expect(when(way(11), way(12, { outcome: 'unreachable' }), way(13)).outcome).to.equal('not-applicable');
  });

  it('cannot tell without a decision', () => {
    expect(when(way(11), way(12)).outcome).to.equal('error');
  });

  it('does not apply to NAT and TUN', () => {
    expect(judge(check, { cluster: aCluster() }).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster: aDirectCluster('tun') }).outcome).to.equal('not-applicable');
  });
});
