import { expect } from 'chai';
import fc from 'fast-check';
import { fateOf, matchOf, type Packet } from '../../../checks/firewall-path.ts';
import type { Firewall, FirewallRule, FirewallVerdict } from '../../../lib/model/facts.ts';

const packet: Packet = {
  protocol: 'tcp',
  source: '192.168.122.1',
  destination: '192.168.122.100',
  sourcePorts: [1024, 65535],
  destinationPorts: [80, 80],
  inInterface: 'eth0',
  state: 'new',
};

const rule = (
  verdict: FirewallVerdict,
  match: FirewallRule['match'] = {},
  change: Partial<FirewallRule> = {},
): FirewallRule => ({
  hook: 'input',
  engine: 'iptables',
  chain: 'filter INPUT',
  group: 'filter INPUT',
  verdict,
  match,
  understood: true,
  text: `-A INPUT ${JSON.stringify(match)} -j ${verdict}`,
  ...change,
});

const firewall = (
  rules: readonly FirewallRule[],
  input: FirewallVerdict = 'accept',
  chains?: Firewall['chains'],
): Firewall => ({
  engines: ['iptables'],
  rules,
  policies: { input, forward: 'accept', output: 'accept' },
  ...(chains === undefined ? {} : { chains }),
});

const fate = (rules: readonly FirewallRule[], policy?: FirewallVerdict): string =>
  fateOf(firewall(rules, policy), 'input', packet).kind;

describe('the way through a packet filter', () => {
  it('follows the policy when no rule applies', () => {
    expect(fate([])).to.equal('passes');
    expect(fate([], 'drop')).to.equal('stopped');
    expect(fateOf(firewall([], 'drop'), 'forward', packet).kind, 'the policy of another hook').to.equal('passes');
  });

  it('stops at the first rule that applies', () => {
    const accept = rule('accept', { protocol: 'tcp', destinationPorts: [[80, 80]] });
    const drop = rule('drop');
    expect(fate([accept, drop])).to.equal('passes');
    const stopped = fateOf(firewall([drop, accept]), 'input', packet);
    expect(stopped).to.deep.equal({ kind: 'stopped', verdict: 'drop', group: 'filter INPUT', rule: drop });
  });

  const others: Readonly<Record<string, FirewallRule['match']>> = {
    protocol: { protocol: 'udp' },
    'source address': { source: '10.0.0.0/8' },
    'destination address': { destination: '192.168.122.101' },
    'destination port': { destinationPorts: [[443, 443]] },
    'source port': { sourcePorts: [[1, 1023]] },
    interface: { inInterface: 'lo' },
    state: { states: ['ESTABLISHED', 'RELATED'] },
    family: { source: '::/1' },
  };
  for (const [what, match] of Object.entries(others)) {
    it(`passes by a rule for another ${what}`, () => {
      expect(matchOf(rule('drop', match), packet)).to.equal('no');
    });
  }

  const same: Readonly<Record<string, FirewallRule['match']>> = {
    'protocol by number': { protocol: '6' },
    'any protocol': { protocol: 'all' },
    network: { source: '192.168.122.0/24', destination: '192.168.122.100/32' },
    'any address': { source: '0.0.0.0/0' },
    'port among several': {
      destinationPorts: [
        [443, 443],
        [79, 81],
      ],
    },
    'interfaces by prefix': { inInterface: 'eth+' },
    state: { states: ['NEW', 'ESTABLISHED'] },
  };
  for (const [what, match] of Object.entries(same)) {
    it(`applies a rule for the same ${what}`, () => {
      expect(matchOf(rule('drop', match), packet)).to.equal('yes');
    });
  }

  it('applies perhaps: some source ports, an unknown source, an unreadable set', () => {
    expect(matchOf(rule('drop', { sourcePorts: [[40000, 50000]] }), packet)).to.equal('perhaps');
    const anybody = Object.fromEntries(Object.entries(packet).filter(([key]) => key !== 'source')) as unknown as Packet;
    expect(matchOf(rule('drop', { source: '10.0.0.0/8' }), anybody)).to.equal('perhaps');
    expect(matchOf(rule('drop', { source: '@blocklist' }), packet)).to.equal('perhaps');
  });

  describe('a rule with conditions nobody knows', () => {
    const unknown = (verdict: FirewallVerdict): FirewallRule =>
      rule(verdict, { destinationPorts: [[80, 80]] }, { understood: false, text: '-m recent --rcheck' });

    it('leaves it undecided where it would change the end, and is named', () => {
      const what = fateOf(firewall([unknown('drop'), rule('accept')]), 'input', packet);
      expect(what.kind).to.equal('undecided');
      expect(what).to.have.property('rules').that.has.length(1);
    });

    it('does not matter where the end is the same either way', () => {
      expect(fate([unknown('accept'), rule('accept')])).to.equal('passes');
      expect(fate([unknown('drop')], 'drop')).to.equal('stopped');
    });

    it('does not matter where what is known of it excludes the packet, or an earlier rule decides', () => {
      expect(fate([rule('drop', { destinationPorts: [[22, 22]] }, { understood: false })])).to.equal('passes');
      expect(fate([rule('accept'), unknown('drop')])).to.equal('passes');
    });
  });

  describe('several base chains', () => {
    const inner = { group: 'inet fw', chain: 'inet fw in', engine: 'nftables' } as const;

    it('an accept ends its own chain only', () => {
      expect(fate([rule('accept'), rule('drop', {}, inner)])).to.equal('stopped');
    });

    it('each has its own policy, also one without rules', () => {
      const rules = [rule('accept'), rule('accept', { destinationPorts: [[22, 22]] }, inner)];
      const policies = (policy: FirewallVerdict): Firewall['chains'] => [
        { hook: 'input', group: 'filter INPUT', policy: 'drop' },
        { hook: 'input', group: 'inet fw', policy },
      ];
      expect(fateOf(firewall(rules, 'drop', policies('accept')), 'input', packet).kind).to.equal('passes');
      expect(fateOf(firewall(rules, 'drop', policies('drop')), 'input', packet).kind).to.equal('stopped');
      expect(fateOf(firewall([], 'drop', policies('drop')), 'input', packet).kind).to.equal('stopped');
      expect(fateOf(firewall(rules, 'drop'), 'input', packet).kind, 'whose policy it is is not known').to.equal(
        'undecided',
      );
    });
  });

  it('never lets through what a first unconditional drop stops, whatever follows', () => {
    const anyRule = fc
      .record({
        verdict: fc.constantFrom<FirewallVerdict>('accept', 'drop', 'reject'),
        understood: fc.boolean(),
        group: fc.constantFrom('a', 'b'),
      })
      .map(({ verdict, ...change }) => rule(verdict, {}, change));
    fc.assert(
      fc.property(
        fc.array(anyRule, { maxLength: 8 }),
        fc.constantFrom<FirewallVerdict>('accept', 'drop'),
        (rules, policy) => {
          expect(fate([rule('drop', {}, { group: 'a' }), ...rules], policy)).to.equal('stopped');
        },
      ),
    );
  });
});
