import { expect } from 'chai';
import { peerDrift } from '../../../../checks/network/peer-drift.ts';
import { type IpvsDestination, missing } from '../../../../lib/model/facts.ts';
import { aCluster, aDirectCluster, aDirector, aRealServer } from '../../../builders.ts';
import { type FactChanges, factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const cluster = aDirectCluster('dr');
const [rs1] = cluster.realServers;
if (rs1 === undefined) throw new Error('no rs1');
const healthy = factsOf(cluster, rs1);
const ask = (on: string, facts: Readonly<Record<string, FactChanges>>) => judge(peerDrift, { cluster, on, facts });
const odd = (change: FactChanges) => finding(ask('rs1', { rs1: change })).reason;

describe('network/peer-drift', () => {
  it('passes among equals', () => {
    expect(ask('rs1', {}).outcome).to.equal('pass');
    const directors = [aDirector(), aDirector({ name: 'director2', host: 'lb2', dip: '10.10.10.2' })];
    expect(judge(peerDrift, { cluster: aCluster({ directors }) }).outcome).to.equal('pass');
  });

  it('warns the odd one out, and nobody else', () => {
    const os = { ...healthy.os, kernel: '6.12.1' };
    const { outcome, reason } = finding(ask('rs1', { rs1: { os } }));
    expect(outcome).to.equal('warn');
    expect(reason).to.equal('rs1 differs from its peers: kernel 6.12.1, and 6.1.176 on rs2 and rs3');
    expect(ask('rs2', { rs1: { os } }).outcome).to.equal('pass');
  });

  it('tells both where there is no majority', () => {
    const two = aDirectCluster('dr', { realServers: [1, 2].map((number) => aRealServer(number)) });
    const facts = { rs1: { os: { ...healthy.os, kernel: '6.12.1' } } };
    expect(finding(judge(peerDrift, { cluster: two, on: 'rs1', facts })).reason).to.include('6.1.176 on rs2');
    expect(finding(judge(peerDrift, { cluster: two, on: 'rs2', facts })).reason).to.include('6.12.1 on rs1');
  });

  it('compares settings in force, units, backlogs and interfaces', () => {
    expect(odd({ sysctl: { ...healthy.sysctl, 'net.ipv4.conf.all.arp_ignore': '0' } })).to.include(
      'arp_ignore in force 0, and 1 on rs2 and rs3',
    );
    expect(odd({ links: healthy.links.map((link) => ({ ...link, mtu: 9000 })) })).to.include('mtu 9000');
    expect(odd({ listeners: [{ address: '*', port: 80, queued: 0, backlog: 5 }] })).to.include('backlog of port 80 5');
    const units = { systemd: true, units: [{ name: 'nginx.service', active: 'active', enabled: 'disabled' }] };
    expect(odd({ units })).to.include('nginx.service active, disabled');
    const offloads = [{ interface: 'eth0', largeReceive: true }];
    expect(odd({ offloads })).to.include('large receive offload on, and off');
  });

  it('does not mind counters, other interfaces, other ports and other units', () => {
    const sysctl = { ...healthy.sysctl, 'net.netfilter.nf_conntrack_count': '7', 'net.ipv4.conf.eth9.arp_ignore': '3' };
    const listeners = [...healthy.listeners, { address: '*', port: 9100, queued: 0, backlog: 5 }];
    const units = {
      systemd: true,
      units: [...healthy.units.units, { name: 'caddy.service', active: 'active', enabled: 'enabled' }],
    };
    expect(ask('rs1', { rs1: { sysctl, listeners, units } }).outcome).to.equal('pass');
  });

  it('compares the rules of directors', () => {
    const directors = [aDirector(), aDirector({ name: 'director2', host: 'lb2', dip: '10.10.10.2' })];
    const facts = { director2: { ipvsRules: { services: [] } } };
    const { reason } = finding(judge(peerDrift, { cluster: aCluster({ directors }), on: 'director2', facts }));
    expect(reason).to.include('rules none, and tcp 192.168.122.100:80 rr on director1');
  });

  it('compares the destinations of directors, and not their weights', () => {
    const directors = [aDirector(), aDirector({ name: 'director2', host: 'lb2', dip: '10.10.10.2' })];
    const pair = aCluster({ directors });
    const { services } = factsOf(pair, directors[1] ?? aDirector()).ipvsRules;
    const ask = (change: (destinations: readonly IpvsDestination[]) => readonly IpvsDestination[]) => {
      const ipvsRules = { services: services.map((one) => ({ ...one, destinations: change(one.destinations) })) };
      return judge(peerDrift, { cluster: pair, on: 'director2', facts: { director2: { ipvsRules } } });
    };
    expect(finding(ask((all) => all.slice(1))).reason).to.match(
      /destinations of tcp 192\.168\.122\.100:80 10\.10\.10\.20:80 nat, .*, and 10\.10\.10\.10:80 nat, .* on director1/,
    );
    expect(ask((all) => all.map((one) => ({ ...one, weight: 0 }))).outcome).to.equal('pass');
  });

  it('has nothing to say of a host alone, of clients, or of peers that are silent', () => {
    expect(judge(peerDrift).outcome).to.equal('not-applicable');
    expect(ask('client1', {}).outcome).to.equal('not-applicable');
    const silent: FactChanges = Object.fromEntries(
      peerDrift.requiresOfAll?.map((name) => [name, missing('unreachable', 'no answer')]) ?? [],
    );
    expect(ask('rs1', { rs2: silent, rs3: silent }).outcome).to.equal('not-applicable');
    expect(ask('rs1', { rs2: silent }).outcome).to.equal('pass');
  });
});
