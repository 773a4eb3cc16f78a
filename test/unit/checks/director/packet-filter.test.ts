/** Director checks of the packet filter, asked with what its tools print. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';

import { firewallMark } from '../../../../checks/director/firewall-mark.ts';
import { firewall } from '../../../../checks/director/firewall.ts';
import { icmpFilter } from '../../../../checks/director/icmp-filter.ts';
import { masquerade } from '../../../../checks/director/masquerade.ts';
import { vipTranslation } from '../../../../checks/director/vip-translation.ts';
import { vrrpFilter } from '../../../../checks/director/vrrp-filter.ts';
import type { Check } from '../../../../lib/model/check.ts';
import type { Cluster, VirtualService } from '../../../../lib/model/cluster.ts';
import { type Firewall, missing } from '../../../../lib/model/facts.ts';
import { parseFirewall } from '../../../../lib/parse/firewall.ts';
import { aCluster, aClusterWith, aDirectCluster, aDirector } from '../../../builders.ts';
import type { FactChanges } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const transcript = (name: string): string =>
  readFileSync(new URL(`../../../transcripts/debian12-6.18/${name}`, import.meta.url), 'utf8');

const builtIn: Readonly<Record<string, readonly string[]>> = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'POSTROUTING'],
  mangle: ['PREROUTING', 'INPUT'],
  raw: ['PREROUTING', 'OUTPUT'],
};

function table(name: string, lines: readonly string[]): string {
  const policies = lines.filter((line) => line.startsWith('-P ')).map((line) => line.split(' '));
  const chains = (builtIn[name] ?? []).map((chain) => {
    const policy = policies.find(([, of]) => of === chain)?.[2] ?? 'ACCEPT';
    return `:${chain} ${policy} [0:0]`;
  });
  return [`*${name}`, ...chains, ...lines.filter((line) => line.startsWith('-A ')), 'COMMIT', ''].join('\n');
}

/** Rules of one table, as `iptables -S` has them. */
const iptables = (name: string, ...lines: readonly string[]): Firewall =>
  parseFirewall({ iptables: [table(name, lines)] });
const ip6tables = (...lines: readonly string[]): Firewall =>
  parseFirewall({ iptables: [], ip6tables: [table('filter', lines)] });

const on = (
  check: Check,
  cluster: Cluster,
  rules: Firewall,
  sysctl: Record<string, string> = {},
  more: FactChanges = {},
) =>
  judge(check, {
    cluster,
    facts: { director1: { firewall: rules, sysctl: { 'net.ipv4.vs.conntrack': '0', ...sysctl }, ...more } },
  });

const vip = '192.168.122.100';
const tracked = { 'net.ipv4.vs.conntrack': '1' };
const [dr, tun, nat] = [aDirectCluster('dr'), aDirectCluster('tun'), aCluster()];
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

    it('transfers pass with the service allowed, and only the FIN is INVALID', () => {
      const { outcome, reason, remedy } = finding(on(firewall, dr, http));
      expect(outcome).to.equal('warn');
      expect(reason).to.include('FIN');
      expect(remedy?.commands[0]).to.match(/^firewall-cmd --direct --add-rule ipv4 raw PREROUTING .* -j CT --notrack$/);
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

function sixCluster(): Cluster {
  const cluster = aDirectCluster('dr', { clients: [] });
  const [service] = cluster.virtualServices;
  return { ...cluster, virtualServices: service === undefined ? [] : [{ ...service, vip: 'fd00:122::100' }] };
}

describe('director/vip-translation', () => {
  it('passes without such a rule, and past one for another port', () => {
    const unseen: Firewall = {
      engines: [],
      rules: [],
      policies: { input: 'accept', forward: 'accept', output: 'accept' },
    };
    expect(on(vipTranslation, nat, unseen).outcome, 'nobody looked').to.equal('error');
    expect(on(vipTranslation, nat, iptables('nat')).outcome).to.equal('pass');
    const other = iptables('nat', `-A PREROUTING -d ${vip} -p tcp --dport 8080 -j REDIRECT --to-ports 80`);
    expect(on(vipTranslation, nat, other).outcome).to.equal('pass');
  });

  it('fails for DNAT and REDIRECT, as docker publishes a port', () => {
    const rule = `-A PREROUTING -d ${vip}/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.11`;
    const { outcome, reason, remedy } = finding(on(vipTranslation, nat, iptables('nat', rule)));
    expect(outcome).to.equal('fail');
    expect(reason).to.include(rule);
    expect(remedy?.commands[0]).to.equal(`iptables -t nat -D ${rule.slice(3)}`);
    const docker = parseFirewall({ iptables: [transcript('iptables-nft-lvs.txt')] });
    expect(finding(on(vipTranslation, nat, docker)).reason).to.include('172.17.0.2:80');
  });

  it('is saved by an exception before, and cannot tell past conditions nobody knows', () => {
    const steal = '-A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080';
    expect(on(vipTranslation, nat, iptables('nat', `-A PREROUTING -d ${vip} -j ACCEPT`, steal)).outcome).to.equal(
      'pass',
    );
    const perhaps = steal.replace('-j', '-m set --match-set users src -j');
    expect(on(vipTranslation, nat, iptables('nat', perhaps)).outcome).to.equal('error');
  });

  it('says nothing about a service by mark', () => {
    expect(judge(vipTranslation, { cluster: aClusterWith({ fwmark: 1 }) }).outcome).to.equal('not-applicable');
  });
});

describe('director/masquerade', () => {
  const rule = iptables('nat', '-A POSTROUTING -d 10.10.10.0/24 -j MASQUERADE');

  it('warns while IPVS keeps its packets out of conntrack', () => {
    const { outcome, reason, remedy } = finding(on(masquerade, nat, rule));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('-A POSTROUTING').and.include('conntrack');
    expect(remedy?.commands).to.deep.equal(['sysctl -w net.ipv4.vs.conntrack=1']);
    expect(on(masquerade, nat, rule, tracked).outcome).to.equal('pass');
  });

  it('passes a rule for what real servers send out themselves', () => {
    expect(
      on(masquerade, nat, iptables('nat', '-A POSTROUTING -s 10.10.10.0/24 -o eth0 -j MASQUERADE')).outcome,
    ).to.equal('pass');
    expect(on(masquerade, dr, rule).outcome).to.equal('not-applicable');
  });
});

describe('director/firewall-mark', () => {
  const marked = aClusterWith({ fwmark: 80 });
  const rule = (mark: string, more = `-d ${vip} -p tcp -m tcp --dport 80`) =>
    iptables('mangle', `-A PREROUTING ${more} -j MARK --set-xmark ${mark}`);

  it('passes when the mark is given, also in parts', () => {
    expect(on(firewallMark, marked, rule('0x50/0xffffffff')).outcome).to.equal('pass');
    const parts = iptables(
      'mangle',
      '-A PREROUTING -p tcp -j MARK --set-xmark 0x10/0x10',
      '-A PREROUTING -p tcp -m tcp --dport 80 -j MARK --set-xmark 0x40/0xf0',
      '-A PREROUTING -p tcp -j MARK --set-xmark 0x10/0x10',
    );
    expect(on(firewallMark, marked, parts).outcome).to.equal('pass');
  });

  it('fails without one, names hexadecimal taken for decimal, and the rule that marks others', () => {
    const none = finding(on(firewallMark, marked, iptables('mangle')));
    expect(none.reason).to.include('no mark').and.include('80 (0x50)');
    expect(none.remedy?.commands[0]).to.include('--set-mark 80');
    expect(finding(on(firewallMark, marked, rule('0x80/0xffffffff'))).reason).to.include(
      'hexadecimal was taken for decimal',
    );
    const other = rule('0x50/0xffffffff', `-d ${vip} -p tcp -m tcp --dport 443`);
    expect(finding(on(firewallMark, marked, other)).reason).to.include('gives that mark to other packets');
  });

  it('cannot tell past conditions nobody knows, and says nothing of services by address', () => {
    const unsure = rule('0x50/0xffffffff', '-m set --match-set vips dst');
    expect(on(firewallMark, marked, unsure).outcome).to.equal('error');
    expect(on(firewallMark, nat, rule('0x50')).outcome).to.equal('not-applicable');
  });
});

describe('director/icmp-filter', () => {
  it('passes an open filter, and one that accepts the message', () => {
    expect(judge(icmpFilter, { cluster: dr }).outcome).to.equal('pass');
    const open = iptables('filter', '-P INPUT DROP', '-A INPUT -p icmp -m icmp --icmp-type 3 -j ACCEPT');
    expect(on(icmpFilter, dr, open).outcome).to.equal('pass');
  });

  it('warns when it is dropped, by type or as a whole', () => {
    const { outcome, reason, remedy } = finding(on(icmpFilter, tun, iptables('filter', '-A INPUT -p icmp -j DROP')));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('fragmentation needed').and.include('hang');
    expect(remedy?.commands).to.deep.equal([`iptables -I INPUT 1 -d ${vip} -p icmp --icmp-type 3 -j ACCEPT`]);
    const six = finding(on(icmpFilter, sixCluster(), ip6tables('-A INPUT -p ipv6-icmp -j DROP')));
    expect(six.reason).to.include('packet too big');
    expect(six.remedy?.commands[0]).to.equal(
      'ip6tables -I INPUT 1 -d fd00:122::100 -p ipv6-icmp --icmpv6-type 2 -j ACCEPT',
    );
  });

  it('does not count RELATED, and says nothing of NAT', () => {
    expect(
      on(icmpFilter, dr, iptables('filter', '-P INPUT DROP', '-A INPUT -m conntrack --ctstate RELATED -j ACCEPT'))
        .outcome,
    ).to.equal('warn');
    expect(judge(icmpFilter).outcome).to.equal('not-applicable');
  });
});

describe('director/vrrp-filter', () => {
  const pair = aCluster({
    directors: [aDirector(), aDirector({ name: 'director2', host: 'lb2', dip: '10.10.10.2' })],
    rules: { managedBy: 'keepalived' },
  });
  const keepalived = (active: string): FactChanges => ({
    units: { systemd: true, units: [{ name: 'keepalived.service', active, enabled: 'enabled' }] },
  });
  const when = (rules: Firewall, more: FactChanges = keepalived('active')) => on(vrrpFilter, pair, rules, {}, more);
  const closed = parseFirewall({ nft: transcript('nft-firewalld-closed.json'), iptables: [] });

  it('passes when adverts are let in, one way or another', () => {
    expect(when(iptables('filter')).outcome).to.equal('pass');
    expect(when(iptables('filter', '-P INPUT DROP', '-A INPUT -p vrrp -j ACCEPT')).outcome).to.equal('pass');
    expect(when(iptables('filter', '-P INPUT DROP', '-A INPUT -d 224.0.0.18/32 -j ACCEPT')).outcome).to.equal('pass');
  });

  it('fails under firewalld without vrrp', () => {
    const { outcome, reason, remedy } = finding(when(closed));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('112').and.include('director2');
    expect(remedy?.commands).to.deep.equal(['firewall-cmd --add-protocol=vrrp']);
  });

  it('says nothing where keepalived does not run, or nobody is there to hear', () => {
    expect(when(closed, keepalived('inactive')).outcome).to.equal('not-applicable');
    expect(judge(vrrpFilter).outcome).to.equal('not-applicable');
    expect(when(closed, { units: missing('unsupported', 'no systemd') }).outcome).to.equal('fail');
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
