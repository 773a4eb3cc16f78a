import { expect } from 'chai';

import { firewall } from '../../../../checks/director/firewall.ts';
import { icmpFilter } from '../../../../checks/director/icmp-filter.ts';
import type { VirtualService } from '../../../../lib/model/cluster.ts';
import { parseFirewall } from '../../../../lib/parse/firewall.ts';
import { aDirectCluster } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';
import { dr, ip6tables, iptables, nat, on, sixCluster, table, tracked, tun, vip } from '../../../packet-filter.ts';
import { transcript } from '../../parse/transcript.ts';

const stateful = [
  '-P INPUT DROP',
  '-A INPUT -p tcp --syn --dport 80 -m conntrack --ctstate NEW -j ACCEPT',
  '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
];

describe('director/firewall of DR and TUN', () => {
  for (const [name, cluster] of Object.entries({ dr, tun })) {
    it(`${name}: a stateful INPUT lets the SYN in and stops the rest, whatever vs/conntrack`, () => {
      for (const sysctl of [{}, tracked]) {
        const { outcome, reason, remedy } = finding(on(firewall, cluster, iptables('filter', ...stateful), sysctl));
        expect(outcome).to.equal('fail');
        expect(reason).to.include('clients connect and hang');
        expect(remedy?.commands).to.deep.equal([`iptables -I INPUT 1 -d ${vip} -p tcp --dport 80 -j ACCEPT`]);
      }
    });

    it(`${name}: "new but not SYN" is what every later packet looks like`, () => {
      const rule = '-A INPUT -p tcp ! --syn -m conntrack --ctstate NEW -j DROP';
      expect(finding(on(firewall, cluster, iptables('filter', rule))).reason).to.include('clients connect and hang');
    });

    it(`${name}: INVALID dropped takes the FIN only, and conntrack is no remedy`, () => {
      const drop = iptables('filter', '-A INPUT -m conntrack --ctstate INVALID -j DROP');
      const { outcome, reason, remedy } = finding(on(firewall, cluster, drop));
      expect(outcome).to.equal('warn');
      expect(reason).to.include('FIN').and.include('linger');
      expect(remedy?.commands.join()).to.include('--dport 80 -j ACCEPT').and.not.include('sysctl');
      expect(on(firewall, cluster, drop, tracked).outcome, 'with vs/conntrack=1').to.equal('fail');
      const strict = { 'net.netfilter.nf_conntrack_tcp_loose': '0' };
      expect(on(firewall, cluster, drop, strict).outcome, 'without loose pickup').to.equal('fail');
    });

    it(`${name}: passes where the service is out of connection tracking, or accepted before`, () => {
      const accepted = iptables('filter', `-A INPUT -d ${vip} -p tcp --dport 80 -j ACCEPT`, ...stateful);
      expect(on(firewall, cluster, accepted).outcome).to.equal('pass');
      const raw = parseFirewall({
        iptables: [
          table('raw', [`-A PREROUTING -d ${vip} -p tcp -m tcp --dport 80 -j CT --notrack`]) +
            table('filter', ['-P INPUT DROP', '-A INPUT -m conntrack --ctstate ESTABLISHED,UNTRACKED -j ACCEPT']),
        ],
      });
      expect(on(firewall, cluster, raw).outcome).to.equal('pass');
    });
  }

  it('looks at what leaves: the VIP with DR, IP protocol 4 with TUN', () => {
    const toVip = iptables('filter', `-A OUTPUT -d ${vip} -p tcp --dport 80 -j DROP`);
    expect(finding(on(firewall, dr, toVip)).reason).to.include('OUTPUT');
    expect(on(firewall, tun, toVip).outcome).to.equal('pass');
    const tunnel = iptables('filter', '-A OUTPUT -p 4 -j REJECT');
    const { reason, remedy } = finding(on(firewall, tun, tunnel));
    expect(reason).to.include('rejects').and.include('IP protocol 4').and.include('10.20.1.11');
    expect(remedy?.commands).to.deep.equal(['iptables -I OUTPUT 1 -d 10.20.1.11 -p ipencap -j ACCEPT']);
    expect(on(firewall, dr, tunnel).outcome).to.equal('pass');
  });

  it("names keepalived's own table", () => {
    const nft = JSON.stringify({
      nftables: [
        { set: { family: 'ip', table: 'keepalived', name: 'vips', type: 'ipv4_addr', elem: [vip] } },
        {
          chain: {
            family: 'ip',
            table: 'keepalived',
            name: 'in',
            type: 'filter',
            hook: 'input',
            prio: -1,
            policy: 'accept',
          },
        },
        {
          rule: {
            family: 'ip',
            table: 'keepalived',
            chain: 'in',
            expr: [
              { match: { op: '==', left: { payload: { protocol: 'ip', field: 'daddr' } }, right: '@vips' } },
              { drop: null },
            ],
          },
        },
      ],
    });
    const { outcome, reason, remedy } = finding(on(firewall, nat, parseFirewall({ nft, iptables: [] })));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('vrrp_strict');
    expect(remedy).to.equal(undefined);
  });

  describe('with firewalld', () => {
    const http = parseFirewall({ nft: transcript('nft-firewalld-http.json'), iptables: [] });
    const closed = parseFirewall({ nft: transcript('nft-firewalld-closed.json'), iptables: [] });

    it('understands all of it that meets IPv4', () => {
      expect(http.engines).to.deep.equal(['nftables', 'firewalld']);
      expect(http.rules.filter(({ understood }) => !understood).map(({ text }) => text)).to.deep.equal([]);
    });

    // So it is: with such a rule on a director of DR, 30 requests of curl are answered and leave 30 entries in ESTABLISHED,
    // none in FIN_WAIT, and 10 established sockets on each real server (lab, kernel 6.1.176, vs/conntrack=0).
    it('transfers pass with the service allowed, and only the FIN is INVALID', () => {
      const { outcome, reason, remedy } = finding(on(firewall, dr, http));
      expect(outcome).to.equal('warn');
      expect(reason).to.include('FIN');
      expect(remedy?.commands[0]).to.match(/^firewall-cmd --direct --add-rule ipv4 raw PREROUTING .* -j CT --notrack$/);
    });

    it('passes with the service out of connection tracking, which is its remedy', () => {
      const rule = /(-d .*)$/.exec(finding(on(firewall, dr, http)).remedy?.commands[0] ?? '')?.[1] ?? '';
      const direct = [table('raw', [`-A PREROUTING ${rule}`])];
      const mended = parseFirewall({ nft: transcript('nft-firewalld-http.json'), iptables: direct });
      expect(on(firewall, dr, mended).outcome).to.equal('pass');
      expect(on(firewall, nat, http, tracked).outcome, 'NAT whose connections conntrack knows').to.equal('pass');
    });

    it('drops "fragmentation needed" as INVALID, and the remedy names no port of ICMP', () => {
      const { outcome, reason, remedy } = finding(on(icmpFilter, dr, http));
      expect(outcome).to.equal('warn');
      expect(reason).to.include('invalid');
      expect(remedy?.commands).to.deep.equal([
        `firewall-cmd --direct --add-rule ipv4 raw PREROUTING 0 -d ${vip} -p icmp --icmp-type 3 -j CT --notrack`,
      ]);
    });

    it('fails without it', () => {
      const { outcome, reason, remedy } = finding(on(firewall, dr, closed));
      expect(outcome).to.equal('fail');
      expect(reason).to.include('reject').and.include('INPUT');
      expect(remedy?.commands).to.deep.equal(['firewall-cmd --add-port=80/tcp']);
    });
  });

  it('judges IPv6 by rules for IPv6', () => {
    const six = sixCluster();
    expect(on(firewall, six, ip6tables('-A INPUT -p tcp -m tcp --dport 80 -j DROP')).outcome).to.equal('fail');
    expect(on(firewall, six, iptables('filter', '-P INPUT DROP')).outcome).to.equal('pass');
    expect(on(firewall, nat, ip6tables('-P INPUT DROP')).outcome).to.equal('pass');
  });
});

it('every service is judged on its own', () => {
  const base = aDirectCluster('dr');
  const [web] = base.virtualServices;
  const dns: VirtualService[] = web === undefined ? [] : [{ ...web, name: 'dns', port: 53, protocol: 'udp' }];
  const cluster = { ...base, virtualServices: [...base.virtualServices, ...dns] };
  const rules = iptables('filter', '-A INPUT -p udp -m udp --dport 53 -j DROP');
  const outcome = (service: string) =>
    judge(firewall, { cluster, service, facts: { director1: { firewall: rules } } }).outcome;
  expect([outcome('web'), outcome('dns')]).to.deep.equal(['pass', 'fail']);
});
