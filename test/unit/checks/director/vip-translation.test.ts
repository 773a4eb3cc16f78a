import { expect } from 'chai';

import { vipTranslation } from '../../../../checks/director/vip-translation.ts';
import type { Firewall } from '../../../../lib/model/facts.ts';
import { parseFirewall } from '../../../../lib/parse/firewall.ts';
import { aClusterWith } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';
import { iptables, nat, on, vip } from '../../../packet-filter.ts';
import { transcript } from '../../parse/transcript.ts';

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
