import { expect } from 'chai';
import { firewall as check } from '../../../../checks/real-server/firewall.ts';
import type { Firewall, FirewallRule } from '../../../../lib/model/facts.ts';
import { aClusterWith } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const rule = (change: Partial<FirewallRule>): FirewallRule => ({
  hook: 'input',
  engine: 'nftables',
  chain: 'inet filter input',
  group: 'inet filter input',
  verdict: 'drop',
  match: {},
  understood: true,
  text: 'tcp dport 80 drop',
  ...change,
});

const when = (change: Partial<Firewall>, forwarding: 'nat' | 'dr' = 'nat') =>
  judge(check, {
    on: 'rs2',
    cluster: aClusterWith({ forwarding }),
    facts: {
      rs2: {
        firewall: {
          engines: ['nftables'],
          rules: [],
          policies: { input: 'accept', forward: 'accept', output: 'accept' },
          ...change,
        },
      },
    },
  });

const closed = { input: 'drop', forward: 'drop', output: 'accept' } as const;

describe('real-server/firewall', () => {
  it('passes without rules, and with an ordinary stateful set', () => {
    expect(when({}).outcome).to.equal('pass');
    const rules = [
      rule({ verdict: 'accept', match: { states: ['established', 'related'] } }),
      rule({ verdict: 'drop', match: { states: ['invalid'] } }),
      rule({ verdict: 'accept', match: { protocol: 'tcp', destinationPorts: [[80, 80]] } }),
    ];
    expect(when({ rules, policies: closed }).outcome).to.equal('pass');
  });

  it('fails when requests of clients are dropped, though those of the director are not', () => {
    const rules = [
      rule({ verdict: 'accept', match: { source: '10.10.10.1' } }),
      rule({ match: { protocol: 'tcp', destinationPorts: [[80, 80]] } }),
    ];
    const { outcome, reason, remedy } = finding(when({ rules }));
    expect(outcome).to.equal('fail');
    expect(reason)
      .to.include('rs2')
      .and.include('192.168.122.1')
      .and.include('10.10.10.20:80')
      .and.include('tcp dport 80 drop');
    expect(remedy?.host).to.equal('rs2');
    expect(remedy?.persistent?.[0]).to.include('flush ruleset');
    expect(remedy?.undo?.[1], 'the file as it was').to.include('mv $f.before-ipvet $f');
  });

  it('fails by policy', () => {
    expect(finding(when({ policies: closed })).reason).to.include('policy');
  });

  it('fails when answers are dropped', () => {
    expect(finding(when({ rules: [rule({ hook: 'output', match: { sourcePorts: [[80, 80]] } })] })).reason).to.include(
      'OUTPUT',
    );
  });

  it('looks at the VIP with DR', () => {
    const rules = [rule({ match: { destination: '192.168.122.100' } })];
    expect(when({ rules }, 'dr').outcome).to.equal('fail');
    expect(when({ rules }, 'nat').outcome).to.equal('pass');
  });

  it('cannot tell past a rule with unknown conditions', () => {
    expect(when({ rules: [rule({ understood: false })] }).outcome).to.equal('error');
  });
});
