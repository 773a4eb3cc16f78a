import { expect } from 'chai';
import { firewall as check } from '../../../../checks/director/firewall.ts';
import { parseFirewall } from '../../../../lib/parse/firewall.ts';
import type { Firewall, FirewallRule, FirewallVerdict } from '../../../../lib/model/facts.ts';
import { aCluster, aClusterWith } from '../../../builders.ts';
import { finding, judge, quoted, type Situation } from '../../../judgement.ts';

const rule = (
  hook: FirewallRule['hook'],
  verdict: FirewallVerdict,
  match: FirewallRule['match'],
  change: Partial<FirewallRule> = {},
): FirewallRule => ({
  hook,
  engine: 'iptables',
  chain: `filter ${hook.toUpperCase()}`,
  group: `filter ${hook.toUpperCase()}`,
  verdict,
  match,
  understood: true,
  text: `-A ${hook.toUpperCase()} ${JSON.stringify(match)} -j ${verdict.toUpperCase()}`,
  ...change,
});

const when = (change: Partial<Firewall>, conntrack = '0', situation: Situation = {}) =>
  judge(check, {
    ...situation,
    facts: {
      director1: {
        firewall: {
          engines: ['iptables'],
          rules: [],
          policies: { input: 'accept', forward: 'accept', output: 'accept' },
          ...change,
        },
        sysctl: { 'net.ipv4.ip_forward': '1', 'net.ipv4.vs.conntrack': conntrack },
      },
    },
  });

const forwardDrop = { input: 'accept', forward: 'drop', output: 'accept' } as const;
const established = rule('forward', 'accept', { states: ['established', 'related'] });

describe('director/firewall', () => {
  it('passes without any rule', () => {
    expect(judge(check).outcome).to.equal('pass');
  });

  it('passes a closed filter with the right holes', () => {
    const rules = [
      rule('input', 'accept', { inInterface: 'lo' }),
      rule('input', 'accept', {
        protocol: 'tcp',
        destinationPorts: [
          [22, 22],
          [80, 80],
        ],
      }),
      rule('forward', 'accept', { source: '10.10.10.0/24' }),
      rule('output', 'accept', { outInterface: 'eth1' }),
    ];
    expect(when({ rules, policies: { input: 'drop', forward: 'drop', output: 'drop' } }).outcome).to.equal('pass');
  });

  it('fails when INPUT drops requests, quotes the rule and accepts them before it', () => {
    const rules = [
      rule('input', 'accept', { states: ['established'] }),
      rule('input', 'drop', { destinationPorts: [[80, 80]] }),
    ];
    const judgement = when({ rules });
    const { outcome, reason, remedy } = finding(judgement);
    expect(outcome).to.equal('fail');
    expect(reason)
      .to.include('director1')
      .and.include('192.168.122.1')
      .and.include('192.168.122.100:80')
      .and.include('INPUT');
    expect(quoted(judgement)).to.include('[[80,80]]').and.not.include('established');
    expect(remedy?.commands).to.deep.equal(['iptables -I INPUT 1 -d 192.168.122.100 -p tcp --dport 80 -j ACCEPT']);
    expect(remedy?.undo?.[0]).to.equal('iptables -D INPUT -d 192.168.122.100 -p tcp --dport 80 -j ACCEPT');
    expect(remedy?.undo?.slice(1), 'and is kept as it was').to.deep.equal(remedy?.persistent);
  });

  it('fails when FORWARD drops answers by policy', () => {
    const { outcome, reason, remedy } = finding(when({ policies: forwardDrop }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('FORWARD').and.include('10.10.10.10:80').and.include('policy');
    expect(remedy?.commands).to.deep.equal(['iptables -I FORWARD 1 -s 10.10.10.10 -p tcp --sport 80 -j ACCEPT']);
  });

  describe('stateful FORWARD', () => {
    it('"ESTABLISHED only" fails with vs/conntrack=0, and the remedy is conntrack', () => {
      const { outcome, reason, remedy, evidence } = finding(when({ rules: [established], policies: forwardDrop }));
      expect(outcome).to.equal('fail');
      expect(reason).to.include('net.ipv4.vs.conntrack=0');
      expect(remedy?.commands).to.deep.equal(['sysctl -w net.ipv4.vs.conntrack=1']);
      expect(evidence.map(({ output }) => output).join('\n')).to.include('net.ipv4.vs.conntrack = 0');
    });

    it('"ESTABLISHED only" passes with vs/conntrack=1', () => {
      expect(when({ rules: [established], policies: forwardDrop }, '1').outcome).to.equal('pass');
    });

    it('"drop INVALID" fails with vs/conntrack=0', () => {
      expect(when({ rules: [rule('forward', 'drop', { states: ['invalid'] })] }).outcome).to.equal('fail');
      expect(when({ rules: [rule('forward', 'drop', { states: ['invalid'] })] }, '1').outcome).to.equal('pass');
    });

    it('knows what a raw rule takes out of tracking, and cannot tell where it may have', () => {
      const accept = rule('forward', 'accept', { states: ['untracked'] });
      const raw = (match: FirewallRule['match'], understood = true) =>
        when({
          rules: [accept],
          policies: forwardDrop,
          untracked: [{ hook: 'prerouting', match, understood, text: '-A PREROUTING -j CT --notrack' }],
        }).outcome;
      expect(raw({ source: '10.10.10.0/24' })).to.equal('pass');
      expect(raw({ destination: '192.168.122.100' })).to.equal('fail');
      expect(raw({ source: '10.10.10.0/24' }, false)).to.equal('error');
    });

    for (const forwarding of ['dr', 'tun'] as const) {
      it(`does not matter to ${forwarding}`, () => {
        expect(when({ policies: forwardDrop }, '0', { cluster: aClusterWith({ forwarding }) }).outcome).to.equal(
          'pass',
        );
      });
    }
  });

  it('fails when OUTPUT drops requests to real servers, or takes untracked packets for strangers', () => {
    expect(finding(when({ rules: [rule('output', 'reject', { destination: '10.10.10.0/24' })] })).reason).to.include(
      'OUTPUT',
    );
    const stateful = [rule('output', 'accept', { states: ['new', 'established'] })];
    const policies = { input: 'accept', forward: 'accept', output: 'drop' } as const;
    expect(when({ rules: stateful, policies }).outcome).to.equal('fail');
    expect(when({ rules: stateful, policies }, '1').outcome).to.equal('pass');
  });

  it('warns when only the FIN of clients is dropped as INVALID', () => {
    const { outcome, reason } = finding(when({ rules: [rule('input', 'drop', { states: ['invalid'] })] }));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('FIN');
    expect(when({ rules: [rule('input', 'drop', { states: ['invalid'] })] }, '1').outcome).to.equal('pass');
  });

  it('cannot tell past a rule with unknown conditions, and names it', () => {
    const rules = [
      rule(
        'input',
        'drop',
        { destinationPorts: [[80, 80]] },
        { understood: false, text: '-m recent --rcheck -j DROP' },
      ),
    ];
    const judgement = when({ rules });
    expect(judgement.outcome).to.equal('error');
    expect(judgement).to.have.property('reason').that.includes('-m recent --rcheck');
  });

  it('is not disturbed by unknown rules that cannot meet the service', () => {
    const rules = [rule('input', 'drop', { destinationPorts: [[22, 22]] }, { understood: false })];
    expect(when({ rules }).outcome).to.equal('pass');
  });

  it('speaks the language of the engine', () => {
    const nft = { engine: 'nftables', chain: 'inet filter input', group: 'inet filter input' } as const;
    const drop = rule('input', 'drop', { destinationPorts: [[80, 80]] }, nft);
    const byNft = finding(when({ engines: ['nftables'], rules: [drop] })).remedy;
    expect(byNft?.commands[0]).to.include(
      'nft insert rule inet filter input ip daddr 192.168.122.100 tcp dport 80 accept',
    );
    expect(byNft?.undo?.[0]).to.include('nft delete rule inet filter input handle');
    const byFirewalld = finding(when({ engines: ['firewalld', 'nftables'], rules: [drop] })).remedy;
    expect(byFirewalld?.commands).to.deep.equal(['firewall-cmd --add-port=80/tcp']);
  });

  it('judges for any client where none is declared', () => {
    const cluster = aCluster({ clients: [] });
    expect(when({}, '0', { cluster }).outcome).to.equal('pass');
    expect(when({ policies: forwardDrop }, '0', { cluster }).outcome).to.equal('fail');
  });

  describe('with rules as their tools print them', () => {
    const save = (...rules: readonly string[]): Firewall =>
      parseFirewall({
        iptables: [
          [
            '# Generated by iptables-save',
            '*filter',
            ':INPUT ACCEPT [0:0]',
            ':FORWARD DROP [9:540]',
            ':OUTPUT ACCEPT [0:0]',
            ...rules,
            'COMMIT',
            '',
          ].join('\n'),
        ],
      });

    it('reads docker-like forwarding: policy DROP, established accepted', () => {
      const stateful = save('-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT');
      expect(finding(when(stateful)).reason)
        .to.include('10.10.10.10:80')
        .and.include('conntrack=0');
      expect(when(stateful, '1').outcome).to.equal('pass');
      expect(when(save('-A FORWARD -s 10.10.10.0/24 -j ACCEPT')).outcome).to.equal('pass');
    });

    it('opens a closed base chain of nft by its own name', () => {
      const chain = {
        family: 'inet',
        table: 'filter',
        name: 'forward',
        handle: 1,
        type: 'filter',
        hook: 'forward',
        prio: 0,
        policy: 'drop',
      };
      const nft = JSON.stringify({ nftables: [{ table: { family: 'inet', name: 'filter', handle: 1 } }, { chain }] });
      const { remedy, reason } = finding(when(parseFirewall({ nft, iptables: [] })));
      expect(reason).to.include('the drop policy of nftables inet filter forward');
      expect(remedy?.commands[0]).to.include(
        'nft insert rule inet filter forward ip saddr 10.10.10.10 tcp sport 80 accept',
      );
    });

    it('opens the table that stops it', () => {
      const raw = parseFirewall({
        iptables: ['*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 80 -j DROP\nCOMMIT\n'],
      });
      expect(finding(when(raw)).remedy?.commands[0]).to.match(/^iptables -t raw -I PREROUTING 1 -d 192\.168\.122\.100/);
    });
  });
});
