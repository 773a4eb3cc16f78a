import { expect } from 'chai';

import type { FirewallRule } from '../../../lib/model/facts.ts';
import { parseFirewall } from '../../../lib/parse/firewall.ts';
import { ParseError } from '../../../lib/parse/parse-error.ts';
import { transcript } from './transcript.ts';

const nft = (name: string) => parseFirewall({ nft: transcript(name), iptables: [] });
const saved = (text: string) => parseFirewall({ iptables: [text] });
const brief = ({ verdict, understood, match }: FirewallRule) => ({ verdict, understood, match });

/** A table of INPUT with these rules. */
const input = (...rules: string[]) =>
  saved(`*filter\n:INPUT ACCEPT [0:0]\n:OTHER - [0:0]\n${rules.join('\n')}\nCOMMIT\n`);

describe('firewall of nftables', () => {
  const firewall = nft('nft-varied.json');
  const at = (text: string) => firewall.rules.filter((rule) => rule.text.includes(text)).map(brief);

  it('has the policy of each hook and chain', () => {
    expect(firewall.engines).to.deep.equal(['nftables']);
    expect(firewall.policies).to.deep.equal({ input: 'drop', forward: 'accept', output: 'accept' });
    expect(firewall.chains).to.deep.include({ hook: 'input', group: 'nftables inet filter input', policy: 'drop' });
  });

  it('reads states, interfaces and port ranges', () => {
    expect(at('ct state established')).to.deep.equal([
      { verdict: 'accept', understood: true, match: { states: ['established', 'related'] } },
    ]);
    expect(at('iifname lo')).to.deep.equal([{ verdict: 'accept', understood: true, match: { inInterface: 'lo' } }]);
    expect(at('8000-8100')[0]?.match).to.deep.equal({ protocol: 'tcp', destinationPorts: [[8000, 8100]] });
  });

  it('looks named sets up', () => {
    const destinationPorts = [
      [22, 22],
      [80, 80],
      [443, 443],
    ];
    expect(at('@allowed').map(({ match }) => match)).to.deep.equal([
      { source: '10.0.0.0/8', protocol: 'tcp', destinationPorts },
      { source: '192.168.122.0/24', protocol: 'tcp', destinationPorts },
    ]);
  });

  it('turns a verdict map into rules', () => {
    expect(at('vmap')).to.deep.equal([
      { verdict: 'drop', understood: true, match: { protocol: 'tcp', destinationPorts: [[25, 25]] } },
      { verdict: 'accept', understood: true, match: { protocol: 'tcp', destinationPorts: [[26, 26]] } },
    ]);
  });

  it('keeps what it can of a condition it has no word for', () => {
    expect(at('icmp type')).to.deep.equal([
      { verdict: 'accept', understood: false, match: { protocol: 'icmp', icmpTypes: [[8]] } },
    ]);
  });

  it('carries the conditions of a jump, and leaves out what returned', () => {
    expect(at('tcp dport 80 accept').slice(0, 1)).to.deep.equal([
      {
        verdict: 'accept',
        understood: true,
        match: {
          inInterface: 'eth0',
          protocol: 'tcp',
          destinationPorts: [[80, 80]],
          not: [{ family: 'ipv4', not: [{ family: 'ipv4', destination: '10.10.10.0/24' }] }],
        },
      },
    ]);
  });

  it('lets a chain before routing stand in two ways, tells IPv6 apart, and takes address translation for no filter', () => {
    expect(firewall.rules.filter(({ chain }) => chain === 'ip raw pre').map(({ hook }) => hook)).to.deep.equal([
      'input',
      'forward',
    ]);
    expect(firewall.rules.some(({ chain }) => chain.includes('nat'))).to.equal(false);
    const six = firewall.rules.filter(({ chain }) => chain.includes('six'));
    expect(six.map(({ family }) => family))
      .to.include('ipv6')
      .and.not.include(undefined);
  });

  it('prints a rule as nft does, comment and all', () => {
    expect(firewall.rules.map(({ text }) => text)).to.include('oifname eth1* tcp sport 80 drop comment "no replies"');
  });

  it('is empty for an empty ruleset, and for a host without tools', () => {
    const empty = {
      engines: [],
      rules: [],
      policies: { input: 'accept', forward: 'accept', output: 'accept' },
      chains: [],
      translations: [],
      marks: [],
      untracked: [],
      mssClamps: [],
      arp: [],
    };
    expect(nft('nft-empty.json')).to.deep.equal(empty);
    expect(parseFirewall({ iptables: [] })).to.deep.equal(empty);
  });

  it('reads nftables 0.9.3 of RHEL 8', () => {
    const { engines, policies, rules } = parseFirewall({
      nft: transcript('nft-ruleset.json', 'rhel8-4.18'),
      iptables: [],
    });
    expect(engines).to.deep.equal(['nftables']);
    expect(policies.input).to.equal('accept');
    expect(rules.every(({ understood }) => understood)).to.equal(true);
    expect(rules.map(({ verdict }) => verdict)).to.deep.equal([
      'accept',
      'drop',
      'accept',
      'accept',
      'accept',
      'reject',
    ]);
  });

  for (const text of ['{', '{"nftables": 3}', '[]', transcript('nft-varied.json').slice(0, 900)]) {
    it(`refuses ${text.slice(0, 20)}`, () => {
      expect(() => parseFirewall({ nft: text, iptables: [] })).to.throw(ParseError);
    });
  }
});

describe('firewall of iptables', () => {
  for (const name of ['iptables-legacy-save.txt', 'iptables-nft-save.txt']) {
    it(`reads ${name}`, () => {
      const firewall = saved(transcript(name));
      expect(firewall.engines).to.deep.equal(['iptables']);
      expect(firewall.policies.input).to.equal('drop');
      const rules = firewall.rules.filter(({ chain }) => /^filter (INPUT|WEB)$/.test(chain));
      expect(rules.map(brief)).to.deep.equal([
        { verdict: 'accept', understood: true, match: { states: ['related', 'established'] } },
        { verdict: 'accept', understood: true, match: { inInterface: 'lo' } },
        { verdict: 'accept', understood: true, match: { protocol: 'tcp', destinationPorts: [[22, 22]] } },
        {
          verdict: 'accept',
          understood: true,
          match: {
            protocol: 'tcp',
            destinationPorts: [
              [80, 80],
              [443, 443],
              [8000, 8100],
            ],
            states: ['new'],
            not: [{ source: '10.0.0.0/8' }],
          },
        },
        {
          verdict: 'drop',
          understood: true,
          match: { source: '192.0.2.0/24', not: [{ destination: '198.51.100.7/32' }] },
        },
        { verdict: 'accept', understood: false, match: { protocol: 'icmp' } },
        { verdict: 'reject', understood: true, match: {} },
      ]);
    });
  }

  it('takes the tables iptables-nft made from iptables-save, not from nft', () => {
    const both = parseFirewall({
      nft: transcript('nft-of-iptables.json'),
      iptables: [transcript('iptables-nft-save.txt')],
    });
    expect(both).to.deep.equal(saved(transcript('iptables-nft-save.txt')));
  });

  it('counts one variant asked twice once', () => {
    const text = transcript('iptables-legacy-save.txt');
    expect(parseFirewall({ iptables: [text, text] })).to.deep.equal(saved(text));
  });

  it('stops at a rule that every packet meets', () => {
    expect(input('-A INPUT -j ACCEPT', '-A INPUT -p tcp -j DROP').rules).to.have.length(1);
  });

  it('does not call what a jump cannot match', () => {
    const { rules } = input(
      '-A INPUT -p tcp -m tcp --dport 80 -j OTHER',
      '-A OTHER -p udp -j DROP',
      '-A OTHER -s 10.0.0.0/8 -j DROP',
    );
    expect(rules.map(({ match }) => match)).to.deep.equal([
      { protocol: 'tcp', destinationPorts: [[80, 80]], source: '10.0.0.0/8' },
    ]);
  });

  it('narrows prefixes and interfaces on the way', () => {
    const { rules } = input(
      '-A INPUT -s 10.0.0.0/8 -i eth+ -j OTHER',
      '-A OTHER -s 10.1.0.0/16 -i eth0 -j DROP',
      '-A OTHER -s 192.0.2.0/24 -j DROP',
      '-A OTHER -i wlan0 -j DROP',
    );
    expect(rules.map(({ match }) => match)).to.deep.equal([{ source: '10.1.0.0/16', inInterface: 'eth0' }]);
  });

  it('is sure behind a goto whose chain lets no packet out', () => {
    const { rules } = input(
      '-A INPUT -i eth0 -g OTHER',
      '-A INPUT -j DROP',
      '-A OTHER -p tcp -j ACCEPT',
      '-A OTHER -j DROP',
    );
    expect(rules.map(({ understood }) => understood)).to.deep.equal([true, true, true]);
  });

  it('leaves out what a goto took away, and is unsure behind one whose conditions are not known', () => {
    const { rules } = input('-A INPUT -i eth0 -g OTHER', '-A INPUT -j DROP', '-A OTHER -p tcp -j ACCEPT');
    expect(rules.map(brief)).to.deep.equal([
      { verdict: 'accept', understood: true, match: { inInterface: 'eth0', protocol: 'tcp' } },
      { verdict: 'drop', understood: true, match: { not: [{ inInterface: 'eth0' }] } },
    ]);
    const unsure = input('-A INPUT -m mac --mac-source 00:00:5e:00:53:01 -g OTHER', '-A INPUT -j DROP');
    expect(unsure.rules.map(({ understood }) => understood)).to.deep.equal([false]);
  });

  it('ends when chains call each other in a circle', () => {
    expect(input('-A INPUT -j OTHER', '-A OTHER -p tcp -j DROP', '-A OTHER -j OTHER').rules.length).to.be.greaterThan(
      0,
    );
  });

  it('passes over targets that do not end the rule, and does not trust a queue', () => {
    const { rules } = input('-A INPUT -j LOG --log-prefix "a -j DROP "', '-A INPUT -p tcp -j NFQUEUE --queue-num 1');
    expect(rules.map(brief)).to.deep.equal([{ verdict: 'drop', understood: false, match: { protocol: 'tcp' } }]);
  });

  it('is drawn up by firewalld when its chains are there', () => {
    expect(
      saved('*filter\n:INPUT ACCEPT [0:0]\n:INPUT_ZONES - [0:0]\n-A INPUT -j INPUT_ZONES\nCOMMIT\n').engines,
    ).to.deep.equal(['iptables', 'firewalld']);
  });

  it('keeps the packet counter', () => {
    expect(input('[12:840] -A INPUT -p tcp -j DROP').rules[0]?.packets).to.equal(12);
  });

  for (const text of [
    '-A INPUT -j DROP',
    '*filter\n:INPUT ACCEPT [0:0]\n',
    '*filter\n-A NOWHERE -j DROP\nCOMMIT',
    '*filter\n:INPUT MAYBE\nCOMMIT',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => saved(text)).to.throw(ParseError);
    });
  }
});
