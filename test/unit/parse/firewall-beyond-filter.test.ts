/** What packet filters do besides letting packets through: translation, marks, tracking, MSS, ARP; and IPv6. */
import { expect } from 'chai';
import fc from 'fast-check';

import { parseFirewall } from '../../../lib/parse/firewall.ts';
import { ParseError } from '../../../lib/parse/parse-error.ts';
import { conjunction, type RuleMatch } from '../../../lib/parse/rule-match.ts';
import { transcript } from './transcript.ts';

const vip = '192.168.122.100';

for (const variant of ['nft', 'legacy']) {
  describe(`iptables-${variant} beyond the filter`, () => {
    const firewall = parseFirewall({
      iptables: [transcript(`iptables-${variant}-lvs.txt`)],
      ip6tables: [transcript(`ip6tables-${variant}-lvs.txt`)],
    });

    it('reads translations in the order they are tried, with what came before', () => {
      const before = (firewall.translations ?? []).filter(({ hook }) => hook === 'prerouting');
      expect(before.map(({ kind, to, family, match }) => ({ kind, to, family, match }))).to.deep.equal([
        {
          kind: 'tproxy',
          to: '127.0.0.1:3129',
          family: 'ipv4',
          match: { destination: '192.168.122.101/32', protocol: 'tcp', destinationPorts: [[80, 80]] },
        },
        { kind: 'accept', to: undefined, family: 'ipv4', match: { destination: '192.168.122.102/32' } },
        {
          kind: 'dnat',
          to: '172.17.0.2:80',
          family: 'ipv4',
          match: {
            destinationTypes: ['local'],
            protocol: 'tcp',
            destinationPorts: [[80, 80]],
            not: [{ destination: '192.168.122.102/32' }, { inInterface: 'docker0' }],
          },
        },
        {
          kind: 'redirect',
          to: '8080',
          family: 'ipv4',
          match: {
            destination: '192.168.122.103/32',
            protocol: 'tcp',
            destinationPorts: [[80, 80]],
            not: [{ destination: '192.168.122.102/32' }],
          },
        },
        {
          kind: 'dnat',
          to: '[fd00:122::2]:81',
          family: 'ipv6',
          match: { destination: 'fd00:122::100/128', protocol: 'tcp', destinationPorts: [[80, 80]] },
        },
      ]);
      const after = (firewall.translations ?? []).filter(({ hook }) => hook === 'postrouting');
      expect(after.map(({ kind, to }) => [kind, to])).to.deep.equal([
        ['masquerade', undefined],
        ['snat', '10.10.10.1'],
      ]);
    });

    it('reads marks with their masks, what is taken out of tracking, and clamps of the MSS', () => {
      expect(firewall.marks?.map(({ mark, mask, understood }) => [mark, mask, understood])).to.deep.equal([
        [0x50, undefined, true],
        [1, 0xff, true],
      ]);
      expect(firewall.untracked?.map(({ hook, match }) => [hook, match.source ?? match.destination])).to.deep.equal([
        ['prerouting', `${vip}/32`],
        ['output', `${vip}/32`],
      ]);
      expect(firewall.mssClamps?.map(({ mss, source }) => [mss, source])).to.deep.equal([
        [1400, `${vip}/32`],
        [undefined, undefined],
      ]);
    });

    it('reads flags, types of ICMP, protocols and negations', () => {
      const matches = firewall.rules
        .filter(({ hook, family }) => hook === 'input' && family === 'ipv4')
        .map(({ understood, match }) => (understood ? match : undefined));
      expect(matches).to.deep.equal(
        [
          {
            protocol: 'tcp',
            states: ['new'],
            not: [{ tcpFlags: { mask: ['fin', 'syn', 'rst', 'ack'], set: ['syn'] } }],
            family: undefined,
          },
          { protocol: 'icmp', icmpTypes: [[3, 4]] },
          { protocol: 'icmp', icmpTypes: [[8]] },
          { source: '192.168.122.10/32', protocol: 'ipencap' },
          { protocol: 'vrrp' },
          { destinationTypes: ['multicast'] },
          { destination: '127.0.0.0/8', not: [{ inInterface: 'lo' }] },
        ].map((match) => JSON.parse(JSON.stringify(match)) as RuleMatch),
      );
    });

    it('tells IPv6 apart, policy and all, and passes over headers that no request has', () => {
      const six = firewall.rules.filter(({ family }) => family === 'ipv6');
      expect(six.map(({ understood, match }) => [understood, match])).to.deep.equal(
        [
          [true, { protocol: 'icmpv6', icmpTypes: [[135]] }],
          [true, { protocol: 'ipv6-icmp', icmpTypes: [[2]] }],
          [true, { destination: 'fd00:122::100/128', protocol: 'tcp', destinationPorts: [[80, 80]] }],
        ].map(([understood, match]) => [understood, match]),
      );
      const closed = firewall.chains?.filter(({ hook, policy }) => hook === 'input' && policy === 'drop');
      expect(closed?.map(({ family }) => family)).to.deep.equal(['ipv4', 'ipv6']);
      expect(new Set(closed?.map(({ group }) => group)).size).to.equal(2);
    });
  });
}

it('takes from nft only what iptables-nft and ip6tables-nft did not make', () => {
  const nft = transcript('nft-of-iptables-lvs.json');
  const saves = { iptables: [transcript('iptables-nft-lvs.txt')], ip6tables: [transcript('ip6tables-nft-lvs.txt')] };
  expect(parseFirewall({ nft, ...saves })).to.deep.equal(parseFirewall(saves));
});

describe('nftables beyond the filter', () => {
  const firewall = parseFirewall({ nft: transcript('nft-conditions.json'), iptables: [] });
  const at = (text: string) =>
    firewall.rules
      .filter((rule) => rule.hook === 'input' && rule.text.includes(text))
      .map(({ understood, match, family }) => (understood ? { ...match, ...(family && { family }) } : undefined));

  it('reads marks: set, added to, looked up', () => {
    const given = (firewall.marks ?? []).filter(({ via }) => via === undefined);
    const marks = given.map(({ mark, mask, match }) => [mark, mask, match.destinationPorts?.[0]?.[0]]);
    expect((firewall.marks ?? []).map(({ via }) => via).filter((via) => via !== undefined)).to.deep.equal(['restore']);
    expect(marks).to.deep.equal([
      [7, undefined, 80],
      [0x10, 0x10, undefined],
      // The kernel keeps 0x1ff and writes 0x100: every bit but the lowest eight.
      [0x100, 0xffffff00, undefined],
      [1, undefined, 80],
      [2, undefined, 443],
      [1, undefined, 80],
      [2, undefined, 443],
    ]);
  });

  it('reads translations of all kinds', () => {
    const kinds = (firewall.translations ?? []).map(({ hook, kind, to, family }) => [hook, kind, to, family]);
    expect(kinds).to.deep.equal([
      ['prerouting', 'tproxy', '127.0.0.1:3129', 'ipv4'],
      ['prerouting', 'dnat', '10.0.0.1:8080', 'ipv4'],
      ['prerouting', 'redirect', '8080', undefined],
      ['prerouting', 'dnat', '10.0.0.3', undefined],
      ['prerouting', 'dnat', '10.0.0.4', undefined],
      ['prerouting', 'dnat', '[fd00::2]:81', 'ipv6'],
    ]);
  });

  it('reads flags, types, families, kinds of address, ways back and concatenations', () => {
    expect(at('ct state new')).to.deep.equal(
      ['eth0', 'eth1*'].map((inInterface) => ({
        inInterface,
        protocol: 'tcp',
        not: [{ protocol: 'tcp', tcpFlags: { mask: ['fin', 'syn', 'rst', 'ack'], set: ['syn'] } }],
        states: ['new'],
      })),
    );
    expect(at('icmp code')).to.deep.equal([{ protocol: 'icmp', icmpTypes: [[3, 4]] }]);
    expect(at('ct status')).to.deep.equal([{ statuses: ['dnat'] }]);
    expect(at('ip6 nexthdr')).to.deep.equal([{ family: 'ipv6', protocol: 'ipv6-icmp' }]);
    expect(at('pkttype')).to.deep.equal([{ destinationTypes: ['broadcast', 'multicast'] }]);
    expect(at('tcp dport != ')).to.deep.equal([
      {
        protocol: 'tcp',
        not: [
          {
            protocol: 'tcp',
            destinationPorts: [
              [22, 22],
              [80, 80],
            ],
          },
        ],
      },
    ]);
    expect(at('icmpv6 type')).to.deep.equal([{ protocol: 'icmpv6', icmpTypes: [[2], [135], [136]] }]);
    const texts = firewall.rules.filter(({ understood }) => !understood).map(({ text }) => text);
    // A range of addresses, and `tcp flags { … }`, whose elements are whole sets of flags.
    expect([...new Set(texts)]).to.have.length(2);
  });

  it('knows which packets are out of tracking, and what clamps the MSS', () => {
    expect(firewall.untracked?.map(({ match }) => match.destinationPorts)).to.deep.equal([[[81, 81]]]);
    expect(firewall.mssClamps?.map(({ mss }) => mss)).to.deep.equal([1360]);
  });
});

describe('filters of ARP', () => {
  const expected = [
    { hook: 'input', verdict: 'drop', match: { target: vip }, understood: true },
    {
      hook: 'input',
      verdict: 'drop',
      match: { inInterface: 'eth0', target: '10.0.0.0/24', operation: 'request' },
      understood: true,
    },
    {
      hook: 'output',
      verdict: 'mangle',
      match: { outInterface: 'eth0', sender: vip },
      understood: true,
    },
    { hook: 'output', verdict: 'accept', match: {}, understood: false },
  ];
  for (const variant of ['nft', 'legacy']) {
    it(`reads arptables-${variant}, before what nft shows of it`, () => {
      const { arp = [] } = parseFirewall({
        nft: transcript('nft-of-arptables.json'),
        iptables: [],
        arptables: [transcript(`arptables-${variant}-save.txt`)],
      });
      const own = arp.filter(({ group }) => group?.startsWith('arptables'));
      expect(own.map(({ hook, verdict, match, understood }) => ({ hook, verdict, match, understood }))).to.deep.equal(
        expected,
      );
      expect(arp.length > own.length).to.equal(variant === 'legacy');
    });
  }

  it('reads nft, sets and all', () => {
    const { arp = [] } = parseFirewall({ nft: transcript('nft-arp.json'), iptables: [] });
    expect(arp.map(({ hook, verdict, match, understood }) => ({ hook, verdict, match, understood }))).to.deep.equal([
      { hook: 'input', verdict: 'drop', match: { operation: 'request', target: vip }, understood: true },
      { hook: 'input', verdict: 'drop', match: { inInterface: 'eth0', target: '10.0.0.9' }, understood: true },
      { hook: 'output', verdict: 'mangle', match: { sender: vip }, understood: true },
      { hook: 'output', verdict: 'drop', match: { outInterface: 'eth0', sender: '10.0.0.9' }, understood: true },
      { hook: 'output', verdict: 'drop', match: { outInterface: 'eth0', sender: '10.0.0.10' }, understood: true },
    ]);
  });

  it('takes a policy of drop for the last rule', () => {
    const { arp = [] } = parseFirewall({
      iptables: [],
      arptables: ['*filter\n:INPUT DROP\n-A INPUT -j ACCEPT -s 10.0.0.1\n'],
    });
    expect(arp.map(({ verdict, match }) => [verdict, match])).to.deep.equal([
      ['accept', { sender: '10.0.0.1' }],
      ['drop', {}],
    ]);
  });

  it('refuses other text', () => {
    expect(() => parseFirewall({ iptables: [], arptables: ['Segmentation fault'] })).to.throw(ParseError);
  });
});

describe('two conditions at once', () => {
  const matches = fc.record(
    {
      protocol: fc.constantFrom('tcp', '6', 'udp', 'ipv6-icmp', '58'),
      source: fc.constantFrom('10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '192.0.2.0/24'),
      inInterface: fc.constantFrom('eth0', 'eth+', 'lo'),
      destinationPorts: fc.constantFrom<readonly (readonly [number, number])[]>([[80, 80]], [[1, 1023]], [[443, 443]]),
      states: fc.constantFrom(['new'], ['new', 'established'], ['invalid']),
      tcpFlags: fc.constantFrom({ mask: ['syn', 'ack'], set: ['syn'] }, { mask: ['ack'], set: ['ack'] }),
    },
    { requiredKeys: [] },
  );

  it('are the same in either order, and what one has the other narrows', () => {
    fc.assert(
      fc.property(matches, matches, (a, b) => {
        const [one, other] = [conjunction(a, b), conjunction(b, a)];
        expect(one === undefined).to.equal(other === undefined);
        if (one === undefined) return;
        expect(Object.keys(one).toSorted()).to.deep.equal(
          [...new Set([...Object.keys(a), ...Object.keys(b)])].toSorted(),
        );
        expect(conjunction(one, a)).not.to.equal(undefined);
        expect(conjunction(one, one)).to.deep.equal(one);
      }),
    );
  });
});
