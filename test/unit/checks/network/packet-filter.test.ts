/** Checks of every host's packet filter, connection tracking and bridges. */
import { expect } from 'chai';

import { bridgeFilter } from '../../../../checks/network/bridge-filter.ts';
import { conntrackTable } from '../../../../checks/network/conntrack-table.ts';
import { neighbourDiscovery } from '../../../../checks/network/neighbour-discovery.ts';
import { missing, type NetworkLink } from '../../../../lib/model/facts.ts';
import { parseFirewall } from '../../../../lib/parse/firewall.ts';
import { aDirectCluster, aRealServer } from '../../../builders.ts';
import type { FactChanges } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';
import { transcript } from '../../parse/transcript.ts';

const open = ['INPUT', 'FORWARD', 'OUTPUT'].map((chain) => `:${chain} ACCEPT [0:0]`);
const filter = (...lines: readonly string[]): string => {
  const chains = open.filter((line) => !lines.some((own) => own.startsWith(line.slice(0, line.indexOf(' ') + 1))));
  return ['*filter', ...chains, ...lines, 'COMMIT', ''].join('\n');
};
const six = (...lines: readonly string[]) => parseFirewall({ iptables: [], ip6tables: [filter(...lines)] });
const four = (...lines: readonly string[]) => parseFirewall({ iptables: [filter(...lines)] });

describe('network/conntrack-table', () => {
  const on = (host: string, count: string, max: string) =>
    judge(conntrackTable, {
      on: host,
      facts: {
        [host]: { sysctl: { 'net.netfilter.nf_conntrack_count': count, 'net.netfilter.nf_conntrack_max': max } },
      },
    });

  it('passes with room, warns when nearly full, fails when full', () => {
    for (const host of ['director1', 'rs2']) {
      expect(on(host, '100', '1000').outcome).to.equal('pass');
      expect(on(host, '5', '0').outcome, 'without a bound').to.equal('pass');
      const { outcome, reason, remedy } = finding(on(host, '800', '1000'));
      expect(outcome).to.equal('warn');
      expect(reason).to.include(host).and.include('800').and.include('1000');
      expect(remedy?.commands).to.deep.equal(['sysctl -w net.netfilter.nf_conntrack_max=4000']);
      expect(on(host, '1000', '1000').outcome).to.equal('fail');
    }
  });

  it('says nothing without connection tracking or of clients, and cannot tell half a figure', () => {
    expect(judge(conntrackTable, { facts: { director1: { sysctl: {} } } }).outcome).to.equal('not-applicable');
    expect(judge(conntrackTable, { on: 'client1' }).outcome).to.equal('not-applicable');
    expect(on('rs1', 'many', '1000').outcome).to.equal('error');
  });
});

describe('network/neighbour-discovery', () => {
  const realServers = [aRealServer(1, { rip: 'fd00:122::11', interface: 'eth0' })];
  const base = aDirectCluster('dr', { realServers, clients: [] });
  const cluster = { ...base, virtualServices: base.virtualServices.map((one) => ({ ...one, vip: 'fd00:122::100' })) };
  const on = (host: string, rules: ReturnType<typeof six>) =>
    judge(neighbourDiscovery, { cluster, on: host, facts: { [host]: { firewall: rules } } });

  it('passes an open filter, and one that accepts what is needed', () => {
    for (const host of ['director1', 'rs1']) {
      expect(on(host, six()).outcome).to.equal('pass');
      const rules = ['135', '136'].map(
        (type) => `-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type ${type} -m hl --hl-eq 255 -j ACCEPT`,
      );
      expect(on(host, six(':INPUT DROP [0:0]', ...rules)).outcome).to.equal('pass');
    }
  });

  it('fails when ICMPv6 is dropped, in or out', () => {
    const { outcome, reason, remedy } = finding(on('rs1', six('-A INPUT -p ipv6-icmp -j DROP')));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('neighbour solicitations').and.include('fd00:122::11');
    expect(remedy?.commands[0]).to.include('--icmpv6-type 135');
    expect(finding(on('director1', six('-A OUTPUT -p icmpv6 -j DROP'))).reason).to.include('OUTPUT');
    expect(on('director1', six('-A INPUT -m pkttype --pkt-type multicast -j DROP')).outcome).to.equal('fail');
    expect(finding(on('rs1', six(':INPUT DROP [0:0]', '-A INPUT -d fd00:122::11/128 -j ACCEPT'))).reason).to.include(
      'solicitations',
    );
  });

  it('passes firewalld, says nothing of IPv4 and of rules for it', () => {
    const firewalld = parseFirewall({ nft: transcript('nft-firewalld-closed.json'), iptables: [] });
    expect(on('rs1', firewalld).outcome).to.equal('pass');
    expect(on('rs1', four('-A INPUT -j DROP')).outcome).to.equal('pass');
    expect(judge(neighbourDiscovery).outcome).to.equal('not-applicable');
  });
});

describe('network/bridge-filter', () => {
  const link = (name: string, change: Partial<NetworkLink> = {}): NetworkLink => ({
    name,
    mtu: 1500,
    up: true,
    noArp: false,
    ...change,
  });
  const bridged = [link('br0', { kind: 'bridge' }), link('eth0', { master: 'br0' }), link('vnet0', { master: 'br0' })];
  const on = (change: FactChanges, value = '1') =>
    judge(bridgeFilter, {
      cluster: aDirectCluster('dr'),
      facts: {
        director1: {
          sysctl: { 'net.bridge.bridge-nf-call-iptables': value },
          links: bridged,
          firewall: four(':FORWARD DROP [0:0]'),
          ...change,
        },
      },
    });

  it('warns where FORWARD stops what the bridge passes', () => {
    const { outcome, reason, remedy } = finding(on({}));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('br0').and.include('bridge-nf-call-iptables=1').and.include('policy');
    expect(remedy?.commands).to.deep.equal(['sysctl -w net.bridge.bridge-nf-call-iptables=0']);
  });

  it('passes where FORWARD is open, or the frames stay out of it', () => {
    expect(on({ firewall: four() }).outcome).to.equal('pass');
    expect(on({}, '0').outcome).to.equal('pass');
    expect(on({ sysctl: {} }).outcome).to.equal('pass');
  });

  it('leaves a host with docker and no bridge in the segment alone', () => {
    const docker = [link('eth0'), link('docker0', { kind: 'bridge' }), link('veth1', { master: 'docker0' })];
    expect(on({ links: docker }).outcome).to.equal('not-applicable');
    expect(on({ links: missing('unsupported', 'no ip') }).outcome).to.equal('not-applicable');
  });
});
