import { expect } from 'chai';
import { mtu as check } from '../../../../checks/network/mtu.ts';
import { missing, type NetworkLink } from '../../../../lib/model/facts.ts';
import { aCluster, aRealServer, hostNamed } from '../../../builders.ts';
import { anAddress, factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const cluster = aCluster();
const sized = (name: string, size: number, dev = 'eth0'): { links: NetworkLink[] } => ({
  links: factsOf(cluster, hostNamed(cluster, name)).links.map((link) =>
    link.name === dev ? { ...link, mtu: size } : link,
  ),
});

describe('network/mtu', () => {
  it('passes with one MTU on each network, small or large', () => {
    for (const on of ['director1', 'rs1', 'client1']) expect(judge(check, { on }).outcome, on).to.equal('pass');
    const facts = {
      director1: sized('director1', 9000, 'eth1'),
      ...Object.fromEntries(['rs1', 'rs2', 'rs3'].map((name) => [name, sized(name, 9000)])),
    };
    for (const on of ['director1', 'rs1', 'client1']) expect(judge(check, { on, facts }).outcome, on).to.equal('pass');
  });

  it('finds the odd one out, and leaves the others alone', () => {
    const facts = { rs2: sized('rs2', 9000) };
    const { outcome, reason, remedy } = finding(judge(check, { on: 'rs2', facts }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('MTU 9000 on eth0').and.include('director1 1500').and.include('10.10.10.0/24');
    expect(remedy?.commands).to.deep.equal(['ip link set eth0 mtu 1500']);
    expect(remedy?.persistent?.join('\n')).to.include('up ip link set dev eth0 mtu 1500');
    for (const on of ['director1', 'rs1', 'rs3', 'client1'])
      expect(judge(check, { on, facts }).outcome, on).to.equal('pass');
  });

  it('tells both of two', () => {
    const two = aCluster({ realServers: [aRealServer(1)], clients: [] });
    const facts = { rs1: sized('rs1', 9000) };
    for (const on of ['director1', 'rs1']) expect(judge(check, { cluster: two, on, facts }).outcome).to.equal('fail');
  });

  it('looks at no network that holds nothing of the cluster', () => {
    const bridge = (name: string, size: number) => {
      const { addresses, links } = factsOf(cluster, hostNamed(cluster, name));
      return {
        addresses: [...addresses, anAddress('docker0', '172.17.0.1', { prefixLength: 16 })],
        links: [...links, { name: 'docker0', mtu: size, up: true, noArp: false, kind: 'bridge' }],
      };
    };
    const facts = { rs1: bridge('rs1', 1450), rs2: bridge('rs2', 1500) };
    expect(judge(check, { on: 'rs1', facts }).outcome).to.equal('pass');
    expect(
      judge(check, { on: 'rs1', facts: { rs1: { addresses: [anAddress('eth0', '172.17.0.1')] } } }).outcome,
    ).to.equal('not-applicable');
  });

  it('cannot tell when nobody else says', () => {
    const links = missing('unreachable', 'no answer');
    const facts = Object.fromEntries(['director1', 'rs2', 'rs3', 'client1'].map((name) => [name, { links }]));
    expect(judge(check, { on: 'rs1', facts }).outcome).to.equal('error');
  });
});
