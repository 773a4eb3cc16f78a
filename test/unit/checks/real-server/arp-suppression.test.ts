import { expect } from 'chai';
import { arpSuppression as check } from '../../../../checks/real-server/arp-suppression.ts';
import { type Firewall, missing } from '../../../../lib/model/facts.ts';
import { aCluster, aDirectCluster, aService, hostNamed, vip } from '../../../builders.ts';
import { anAddress, type FactChanges, macOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const cluster = aDirectCluster('dr');
const mac = (name: string) => macOf(cluster, hostNamed(cluster, name));
const heard = (...answers: string[]): FactChanges => ({
  vipCensus: { questions: [{ vip, interface: 'eth0', source: '192.168.122.11', answers }] },
});
const mute = { rs1: heard(), rs3: heard(), client1: heard(), director1: heard() };
const when = (rs2: FactChanges, others: Readonly<Record<string, FactChanges>> = mute) =>
  judge(check, { on: 'rs2', cluster, facts: { ...others, rs2 } });
const arp = (all: string, eth0: string, lo = '0') => ({
  sysctl: {
    'net.ipv4.conf.all.arp_ignore': all,
    'net.ipv4.conf.eth0.arp_ignore': eth0,
    'net.ipv4.conf.lo.arp_ignore': lo,
  },
});
const filter = (understood: boolean): Firewall => ({
  engines: [],
  rules: [],
  policies: { input: 'accept', forward: 'accept', output: 'accept' },
  arp: [{ hook: 'input', verdict: 'drop', match: { target: vip }, understood, text: `-d ${vip} -j DROP` }],
});

describe('real-server/arp-suppression', () => {
  it('takes the larger of all and the interface', () => {
    expect(when({}).outcome).to.equal('pass');
    for (const [all, eth0] of [
      ['1', '0'],
      ['0', '1'],
      ['2', '0'],
      ['0', '8'],
    ] as const)
      expect(when(arp(all, eth0)).outcome, `${all} ${eth0}`).to.equal('pass');
  });

  it('fails with 0, and says when only lo was set', () => {
    const { outcome, reason, remedy } = finding(when(arp('0', '0')));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('rs2').and.include(vip).and.include('arp_ignore is 0').and.not.include('changes nothing');
    expect(remedy?.commands).to.deep.equal(['sysctl -w net.ipv4.conf.all.arp_ignore=1']);
    expect(remedy?.undo?.[0]).to.equal('sysctl -w net.ipv4.conf.all.arp_ignore=0');
    expect(finding(when(arp('0', '0', '1'))).reason).to.include('set for lo changes nothing');
  });

  it('knows 3 and the scope of the VIP, and that 4 to 7 are as 0', () => {
    const scoped = (scope: string) => ({
      ...arp('3', '0'),
      addresses: [anAddress('eth0', '192.168.122.12'), anAddress('lo', vip, { prefixLength: 32, scope })],
    });
    expect(when(scoped('host')).outcome).to.equal('pass');
    expect(when(scoped('global')).outcome).to.equal('fail');
    expect(when(arp('4', '0')).outcome).to.equal('fail');
  });

  it('passes where a packet filter keeps it silent', () => {
    expect(when({ ...arp('0', '0'), firewall: filter(true) }).outcome).to.equal('pass');
    expect(when({ ...arp('0', '0'), firewall: filter(false) }).outcome).to.equal('error');
    expect(when({ ...arp('0', '0'), firewall: missing('permission', 'rs2: firewall needs root') }).outcome).to.equal(
      'error',
    );
  });

  it('lets the wire outrank the setting', () => {
    expect(when(arp('0', '0'), { ...mute, rs1: heard(mac('director1')) }).outcome, 'silent').to.equal('pass');
    const answering = { ...mute, rs1: heard(mac('director1'), mac('rs2')) };
    expect(finding(when(arp('1', '0'), answering)).reason).to.include('something else answers');
    expect(finding(when({ ...arp('0', '0'), firewall: filter(false) }, answering)).reason).to.include('heard');
  });

  it('takes no silence for an answer that nobody else gave', () => {
    expect(when(arp('0', '0'), { ...mute, rs1: heard() }).outcome).to.equal('fail');
  });

  it('judges TUN on the same segment alone', () => {
    const remote = aDirectCluster('tun');
    expect(judge(check, { on: 'rs2', cluster: remote }).outcome).to.equal('not-applicable');
    const near = { ...cluster, virtualServices: [aService(cluster.realServers, { forwarding: 'tun' })] };
    expect(judge(check, { on: 'rs2', cluster: near, facts: { ...mute, rs2: arp('0', '0') } }).outcome).to.equal('fail');
    const silent = { director1: { addresses: missing('unreachable', 'director1 does not answer') } };
    const vague = { ...remote, directors: remote.directors.map((one) => ({ ...one, vipInterface: 'eth1' })) };
    expect(judge(check, { on: 'rs2', cluster: vague, facts: silent }).outcome).to.equal('error');
  });

  it('cannot tell without the setting', () => {
    expect(when({ sysctl: {} }).outcome).to.equal('error');
  });

  it('does not apply to NAT, to IPv6, and without the VIP', () => {
    expect(judge(check, { cluster: aCluster() }).outcome).to.equal('not-applicable');
    const six = {
      ...cluster,
      virtualServices: [aService(cluster.realServers, { forwarding: 'dr', vip: 'fd00::100' })],
    };
    expect(judge(check, { cluster: six }).outcome).to.equal('not-applicable');
    expect(when({ addresses: [anAddress('eth0', '192.168.122.12')], routes: [] }).outcome).to.equal('not-applicable');
  });
});
