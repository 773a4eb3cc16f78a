import { expect } from 'chai';
import { nextHopNeighbour as check } from '../../../../checks/real-server/next-hop-neighbour.ts';
import { missing, type Neighbour } from '../../../../lib/model/facts.ts';
import { aCluster, aDirectCluster, hostNamed, router } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';
import { type FactChanges, macOf } from '../../../host-facts.ts';
import { aNatPair, insideVip } from '../../../pair-facts.ts';

const foreign = '02:00:00:00:00:99';
const gatewayOn = { interface: 'eth1', family: 'ipv4', prefixLength: 24, up: true, scope: 'global' } as const;
const entry = (address: string, mac: string | undefined, state = 'reachable'): Neighbour => ({
  address,
  interface: 'eth0',
  state,
  ...(mac === undefined ? {} : { mac }),
});
const when = (
  cluster: ReturnType<typeof aCluster>,
  neighbours: readonly Neighbour[],
  facts: Record<string, FactChanges> = {},
) => judge(check, { on: 'rs2', cluster, facts: { rs2: { neighbours }, ...facts } });

describe('real-server/next-hop-neighbour', () => {
  const cluster = aCluster();
  const mac = (host: string) => macOf(cluster, hostNamed(cluster, host));
  const [{ dip } = { dip: '' }] = cluster.directors;

  it('passes with the MAC of the director, in whatever state the entry is', () => {
    for (const state of ['reachable', 'stale', 'permanent'])
      expect(when(cluster, [entry(dip, mac('director1'), state)])).to.deep.include({
        outcome: 'pass',
        found: { [dip]: `${mac('director1')} ${state}` },
      });
  });

  it('fails with a permanent entry for a MAC that nobody has', () => {
    const { outcome, reason, faults, remedy } = finding(when(cluster, [entry(dip, foreign, 'permanent')]));
    expect(outcome).to.equal('fail');
    expect(reason).to.include(`rs2 sends its answers by way of ${dip} to ${foreign}`).and.include('not to director1');
    expect(faults).to.deep.equal(['stale-arp-at-client-or-router']);
    expect(remedy?.commands).to.deep.equal([`ip neigh del ${dip} dev eth0`]);
    expect(remedy?.undo?.[0]).to.include(`lladdr ${foreign}`).and.include('nud permanent');
  });

  it('fails with the MAC of another real server, however it came by it', () => {
    const { reason, faults } = finding(when(cluster, [entry(dip, mac('rs1'), 'stale')]));
    expect(reason).to.include('which is rs1');
    expect(faults).to.deep.equal(['stale-arp-at-client-or-router']);
  });

  it('does not tell a MAC of nobody that was learnt: a virtual one, or that of a proxy', () => {
    expect(when(cluster, [entry(dip, foreign)]).outcome).to.equal('pass');
  });

  it('asks whether it was heard that the gateway has moved to the other director', () => {
    const pair = aNatPair();
    const other = macOf(pair, hostNamed(pair, 'director2'));
    expect(finding(when(pair, [entry(insideVip, other, 'stale')])).faults).to.deep.equal([
      'garp-lost-after-failover',
      'no-garp-after-split-brain-heal',
      'stale-arp-at-client-or-router',
    ]);
    expect(finding(when(pair, [entry(insideVip, other, 'permanent')])).faults).to.deep.equal([
      'stale-arp-at-client-or-router',
    ]);
  });

  it('has nothing to say of other entries, of dead ones, and of a next hop outside the cluster', () => {
    expect(when(cluster, []).outcome).to.equal('not-applicable');
    expect(when(cluster, [entry(dip, undefined, 'failed')]).outcome).to.equal('not-applicable');
    expect(when(cluster, [entry('10.10.10.99', foreign, 'permanent')]).outcome).to.equal('not-applicable');
    const direct = aDirectCluster('dr');
    expect(when(direct, [entry(router, foreign, 'permanent')]).outcome).to.equal('not-applicable');
  });

  it('cannot tell where nobody is known to have the next hop and a host is silent', () => {
    const facts = { director1: { addresses: missing('unreachable', 'no answer') } };
    expect(when(cluster, [entry(dip, foreign, 'permanent')], facts).outcome).to.equal('error');
  });

  it('cannot tell where one of two that have the next hop does not say which MAC is its own', () => {
    const pair = aNatPair();
    const both = { addresses: [{ ...gatewayOn, address: insideVip }] };
    const facts = { director1: both, director2: { ...both, links: missing('unreachable', 'no answer') } };
    const verdict = when(pair, [entry(insideVip, foreign, 'permanent')], facts);
    expect(verdict).to.have.property('outcome', 'error');
    expect(verdict).to.have.property('reason').that.includes('it may be director2');
  });
});
