import { expect } from 'chai';

import { neighbourDiscovery } from '../../../../checks/network/neighbour-discovery.ts';
import { parseFirewall } from '../../../../lib/parse/firewall.ts';
import { aDirectCluster, aRealServer } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';
import { ip6tables, iptables } from '../../../packet-filter.ts';
import { transcript } from '../../parse/transcript.ts';

describe('network/neighbour-discovery', () => {
  const realServers = [aRealServer(1, { rip: 'fd00:122::11', interface: 'eth0' })];
  const base = aDirectCluster('dr', { realServers, clients: [] });
  const cluster = { ...base, virtualServices: base.virtualServices.map((one) => ({ ...one, vip: 'fd00:122::100' })) };
  const on = (host: string, rules: ReturnType<typeof ip6tables>) =>
    judge(neighbourDiscovery, { cluster, on: host, facts: { [host]: { firewall: rules } } });

  it('passes an open filter, and one that accepts what is needed', () => {
    for (const host of ['director1', 'rs1']) {
      expect(on(host, ip6tables()).outcome).to.equal('pass');
      const rules = ['135', '136'].map(
        (type) => `-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type ${type} -m hl --hl-eq 255 -j ACCEPT`,
      );
      expect(on(host, ip6tables('-P INPUT DROP', ...rules)).outcome).to.equal('pass');
    }
  });

  it('fails when ICMPv6 is dropped, in or out', () => {
    const { outcome, reason, remedy } = finding(on('rs1', ip6tables('-A INPUT -p ipv6-icmp -j DROP')));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('neighbour solicitations').and.include('fd00:122::11');
    expect(remedy?.commands[0]).to.include('--icmpv6-type 135');
    expect(finding(on('director1', ip6tables('-A OUTPUT -p icmpv6 -j DROP'))).reason).to.include('OUTPUT');
    expect(on('director1', ip6tables('-A INPUT -m pkttype --pkt-type multicast -j DROP')).outcome).to.equal('fail');
    expect(finding(on('rs1', ip6tables('-P INPUT DROP', '-A INPUT -d fd00:122::11/128 -j ACCEPT'))).reason).to.include(
      'solicitations',
    );
  });

  it('passes firewalld, says nothing of IPv4 and of rules for it', () => {
    const firewalld = parseFirewall({ nft: transcript('nft-firewalld-closed.json'), iptables: [] });
    expect(on('rs1', firewalld).outcome).to.equal('pass');
    expect(on('rs1', iptables('filter', '-A INPUT -j DROP')).outcome).to.equal('pass');
    expect(judge(neighbourDiscovery).outcome).to.equal('not-applicable');
  });
});
