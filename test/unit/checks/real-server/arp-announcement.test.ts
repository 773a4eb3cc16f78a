import { expect } from 'chai';
import { arpAnnouncement as check } from '../../../../checks/real-server/arp-announcement.ts';
import { type Firewall, missing } from '../../../../lib/model/facts.ts';
import { aCluster, aDirectCluster, vip } from '../../../builders.ts';
import { anAddress, type FactChanges } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (rs2: FactChanges) => judge(check, { on: 'rs2', cluster: aDirectCluster('dr'), facts: { rs2 } });
const arp = (all: string, eth0: string, lo = '0') => ({
  sysctl: {
    'net.ipv4.conf.all.arp_announce': all,
    'net.ipv4.conf.eth0.arp_announce': eth0,
    'net.ipv4.conf.lo.arp_announce': lo,
  },
});
const filter: Firewall = {
  engines: [],
  rules: [],
  policies: { input: 'accept', forward: 'accept', output: 'accept' },
  arp: [{ hook: 'output', verdict: 'mangle', match: { sender: vip }, understood: true, text: `-s ${vip} -j mangle` }],
};

describe('real-server/arp-announcement', () => {
  it('passes with 2, for all or for the interface', () => {
    expect(when({}).outcome).to.equal('pass');
    expect(when(arp('0', '2')).outcome).to.equal('pass');
  });

  it('fails with 0 and with 1, and says when only lo was set', () => {
    expect(finding(when(arp('0', '0'))).remedy?.commands).to.deep.equal(['sysctl -w net.ipv4.conf.all.arp_announce=2']);
    expect(finding(when(arp('1', '0'))).reason).to.include('arp_announce is 1');
    expect(finding(when(arp('0', '0', '2'))).reason).to.include('set for lo changes nothing');
  });

  it('passes where arptables keeps the VIP out', () => {
    expect(when({ ...arp('0', '0'), firewall: filter }).outcome).to.equal('pass');
  });

  it('cannot tell without the setting, or past a filter that is not known', () => {
    expect(when({ sysctl: {} }).outcome).to.equal('error');
    expect(when({ ...arp('0', '0'), firewall: missing('permission', 'rs2: firewall needs root') }).outcome).to.equal(
      'error',
    );
  });

  it('does not apply to NAT, far from the segment, and without the VIP', () => {
    expect(judge(check, { cluster: aCluster() }).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster: aDirectCluster('tun') }).outcome).to.equal('not-applicable');
    expect(when({ addresses: [anAddress('eth0', '192.168.122.12')], routes: [] }).outcome).to.equal('not-applicable');
  });
});
