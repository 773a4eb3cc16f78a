import { expect } from 'chai';
import { policyEvidence, ruleEvidence } from '../../../checks/firewall-evidence.ts';
import type { FirewallRule } from '../../../lib/model/facts.ts';

const rule = (change: Partial<FirewallRule>): FirewallRule => ({
  hook: 'input',
  engine: 'iptables',
  chain: 'filter INPUT',
  group: 'iptables filter INPUT',
  verdict: 'drop',
  match: {},
  understood: true,
  text: '-A INPUT -p tcp -m tcp --dport 80 -j DROP',
  ...change,
});
const nft = JSON.stringify({
  nftables: [
    { metainfo: { version: '1.0.6' } },
    {
      chain: { family: 'inet', table: 'filter', name: 'input', type: 'filter', hook: 'input', prio: 0, policy: 'drop' },
    },
    { rule: { family: 'inet', table: 'filter', chain: 'input', expr: [{ accept: null }] } },
  ],
});
const evidence = {
  host: 'rs1',
  command: 'nft -j list ruleset; iptables-save -c',
  output: `${nft}\n*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [7:420]\n[3:180] -A INPUT -p tcp -m tcp --dport 80 -j DROP\nCOMMIT`,
};

describe('evidence of packet filters', () => {
  it('is the one line of iptables-save that holds the rule', () => {
    expect(ruleEvidence(evidence, [rule({})]).map(({ output }) => output)).to.deep.equal([
      '[3:180] -A INPUT -p tcp -m tcp --dport 80 -j DROP',
    ]);
  });

  it('is the rule in the words of nft, with the command that shows it', () => {
    const drop = rule({ engine: 'nftables', chain: 'inet filter input', text: 'tcp dport 80 drop' });
    expect(ruleEvidence(evidence, [drop])).to.deep.equal([
      { host: 'rs1', command: 'nft list chain inet filter input', output: 'tcp dport 80 drop' },
    ]);
  });

  it('is the policies, of one hook or of all', () => {
    const [nftChain, ...rest] = policyEvidence(evidence).output.split('\n');
    expect(nftChain).to.include('"policy":"drop"').and.not.include('metainfo');
    expect(rest).to.deep.equal([':INPUT ACCEPT [0:0]', ':FORWARD DROP [7:420]']);
    expect(policyEvidence(evidence, 'forward').output).to.equal(':FORWARD DROP [7:420]');
  });

  it('is all there is when the text was cut', () => {
    const cut = { ...evidence, output: nft.slice(0, 40) };
    expect(policyEvidence(cut).output).to.equal(nft.slice(0, 40));
  });
});
