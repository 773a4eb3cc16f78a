import { expect } from 'chai';
import { vipInterface as check } from '../../../../checks/real-server/vip-interface.ts';
import { type Firewall, missing } from '../../../../lib/model/facts.ts';
import { aCluster, aDirectCluster, aService, hostNamed, vip } from '../../../builders.ts';
import { anAddress, type FactChanges, macOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const cluster = aDirectCluster('dr');
const macs = {
  director1: macOf(cluster, hostNamed(cluster, 'director1')),
  rs2: macOf(cluster, hostNamed(cluster, 'rs2')),
};
const onNic = [anAddress('eth0', '192.168.122.12'), anAddress('eth0', vip, { prefixLength: 32 })];
const heard = (...answers: string[]): FactChanges => ({
  vipCensus: { questions: [{ vip, interface: 'eth0', source: '192.168.122.11', answers }] },
});
const mute = { rs1: heard(), rs3: heard(), client1: heard(), director1: heard() };
const when = (rs2: FactChanges, others: Readonly<Record<string, FactChanges>> = mute) =>
  judge(check, { on: 'rs2', cluster, facts: { ...others, rs2 } });
const arptables: Firewall = {
  engines: [],
  rules: [],
  policies: { input: 'accept', forward: 'accept', output: 'accept' },
  arp: [{ hook: 'input', verdict: 'drop', match: { target: vip }, understood: true, text: `-d ${vip} -j DROP` }],
};

describe('real-server/vip-interface', () => {
  it('passes on lo, on a dummy, and in a tunnel', () => {
    expect(when({}).outcome).to.equal('pass');
    expect(
      when({ addresses: [anAddress('eth0', '192.168.122.12'), anAddress('dummy0', vip, { prefixLength: 32 })] })
        .outcome,
    ).to.equal('pass');
    expect(judge(check, { on: 'rs2', cluster: aDirectCluster('tun') }).outcome).to.equal('pass');
  });

  it('fails on the interface that is asked, although arp_ignore is 1', () => {
    const { outcome, reason, remedy } = finding(when({ addresses: onNic }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('rs2').and.include('eth0');
    expect(remedy?.commands).to.deep.equal([`ip address del ${vip}/32 dev eth0`, `ip address add ${vip}/32 dev lo`]);
    expect(remedy, 'the files have it on lo').to.not.have.property('persistent');
    const file = '/etc/network/interfaces';
    const inFiles = (...lines: readonly string[]) => {
      const addresses = lines.map((line) => ({ interface: 'eth0', address: vip, prefixLength: 32, line, file }));
      const persistedNetwork = { files: [file], addresses, gateways: [], other: [] };
      return finding(when({ addresses: onNic, persistedNetwork })).remedy;
    };
    const moved = inFiles(`up ip address add ${vip}/32 dev eth0`);
    expect(moved?.persistent).to.have.length(2);
    expect(moved?.persistent?.[0]).to.include('sed -i').and.include('dev[[:space:]]');
    expect(moved?.persistent?.[1]).to.include(`up ip address add ${vip}/32 dev lo`);
    expect(moved?.undo).to.have.length(4);
  });

  it('fails when it is heard, and quotes who heard it', () => {
    const judgement = when(
      { addresses: onNic, firewall: missing('permission', 'x') },
      { ...mute, rs1: heard(macs.director1, macs.rs2) },
    );
    expect(judgement.outcome).to.equal('fail');
    expect(finding(judgement).evidence.map(({ host }) => host)).to.include('rs1');
  });

  it('passes where it keeps silent all the same: a filter, arp_ignore=8, or the wire says so', () => {
    expect(when({ addresses: onNic, firewall: arptables }).outcome).to.equal('pass');
    const eight = { 'net.ipv4.conf.all.arp_ignore': '8', 'net.ipv4.conf.eth0.arp_ignore': '0' };
    expect(when({ addresses: onNic, sysctl: eight }).outcome).to.equal('pass');
    expect(when({ addresses: onNic }, { ...mute, rs1: heard(macs.director1) }).outcome).to.equal('pass');
  });

  it('fails for IPv6 whatever ARP is told', () => {
    const six = {
      ...cluster,
      virtualServices: [aService(cluster.realServers, { forwarding: 'dr', vip: 'fd00::100' })],
    };
    const on = (name: string) => ({
      addresses: [anAddress('eth0', '192.168.122.12'), anAddress(name, 'fd00::100', { prefixLength: 128 })],
      firewall: arptables,
    });
    const judged = (name: string) => judge(check, { on: 'rs2', cluster: six, facts: { ...mute, rs2: on(name) } });
    expect(judged('eth0').outcome).to.equal('fail');
    expect(judged('lo').outcome).to.equal('pass');
  });

  it('cannot tell without the packet filter and without a witness', () => {
    expect(when({ addresses: onNic, firewall: missing('permission', 'rs2: firewall needs root') }).outcome).to.equal(
      'error',
    );
  });

  it('does not apply without the VIP, nor to NAT', () => {
    expect(when({ addresses: [anAddress('eth0', '192.168.122.12')] }).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster: aCluster() }).outcome).to.equal('not-applicable');
  });
});
