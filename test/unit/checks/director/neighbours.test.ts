import { expect } from 'chai';
import { neighbours as check } from '../../../../checks/director/neighbours.ts';
import { missing, type Neighbour } from '../../../../lib/model/facts.ts';
import { aCluster, hostNamed } from '../../../builders.ts';
import { factsOf, macOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const cluster = aCluster();
const mac = (name: string): string => macOf(cluster, hostNamed(cluster, name));
const entry = (state: string, lladdr: string): { neighbours: Neighbour[] } => ({
  neighbours: [{ address: '10.10.10.10', interface: 'eth1', mac: lladdr, state }],
});

describe('director/neighbours', () => {
  it('passes with the own MAC of each real server, pinned or learned, and with no entry', () => {
    expect(judge(check).outcome).to.equal('pass');
    for (const state of ['permanent', 'reachable', 'stale']) {
      expect(judge(check, { facts: { director1: entry(state, mac('rs1')) } }).outcome).to.equal('pass');
    }
  });

  it('fails for a permanent entry of another MAC', () => {
    const { outcome, reason, remedy } = finding(
      judge(check, { facts: { director1: entry('permanent', '02:00:00:00:00:99') } }),
    );
    expect(outcome).to.equal('fail');
    expect(reason).to.include('rs1 (10.10.10.10)').and.include('02:00:00:00:00:99').and.include('permanent');
    expect(remedy?.commands).to.deep.equal(['ip neigh del 10.10.10.10 dev eth1']);
  });

  it('warns for a learned entry that is another host of the cluster', () => {
    const { outcome, reason } = finding(judge(check, { facts: { director1: entry('reachable', mac('rs2')) } }));
    expect(outcome).to.equal('warn');
    expect(reason).to.include("rs2's");
  });

  it('takes a MAC that a cloud answers with for what it is', () => {
    expect(judge(check, { facts: { director1: entry('reachable', '12:34:56:78:9a:bc') } }).outcome).to.equal('pass');
  });

  it('looks at no real server behind a gateway', () => {
    const routes = factsOf(cluster, hostNamed(cluster, 'director1')).routes.map((route) => ({
      ...route,
      gateway: '10.10.10.99',
    }));
    const facts = { director1: { ...entry('permanent', '02:00:00:00:00:99'), routes } };
    expect(judge(check, { facts }).outcome).to.equal('pass');
  });

  it('warns when there is no room for more', () => {
    const many = Array.from({ length: 950 }, (_, index) => ({
      address: `10.20.${index >> 8}.${index & 255}`,
      interface: 'eth1',
      state: 'stale',
    }));
    const { outcome, reason, remedy } = finding(judge(check, { facts: { director1: { neighbours: many } } }));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('950 neighbours, and room for 1024');
    expect(remedy?.commands).to.deep.equal(['sysctl -w net.ipv4.neigh.default.gc_thresh3=4096']);
  });

  it('warns of a permanent entry when the real server, which it may keep from being asked, does not say', () => {
    const facts = { director1: entry('permanent', mac('rs1')), rs1: { links: missing('unreachable', 'no answer') } };
    expect(finding(judge(check, { facts }))).to.deep.include({ outcome: 'warn', culprits: ['rs1'] });
    const mute = { ...facts, rs1: { links: missing('command-failed', 'no ip') } };
    expect(judge(check, { facts: mute }).outcome).to.equal('error');
  });
});
