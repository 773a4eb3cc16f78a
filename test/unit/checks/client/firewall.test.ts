import { expect } from 'chai';

import { firewall } from '../../../../checks/client/firewall.ts';
import { type HostFacts, missing, type Missing } from '../../../../lib/model/facts.ts';
import { parseFirewall } from '../../../../lib/parse/firewall.ts';
import { finding, judge } from '../../../judgement.ts';

const filter = (...lines: readonly string[]) =>
  parseFirewall({
    iptables: [['*filter', ':INPUT ACCEPT [0:0]', ':OUTPUT ACCEPT [0:0]', ...lines, 'COMMIT', ''].join('\n')],
  });
const on = (rules: HostFacts['firewall'] | Missing) => judge(firewall, { facts: { client1: { firewall: rules } } });

describe('client/firewall', () => {
  it('passes an open filter, and an ordinary stateful one', () => {
    expect(judge(firewall).outcome).to.equal('pass');
    const stateful = filter('-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', '-A INPUT -j DROP');
    expect(on(stateful).outcome).to.equal('pass');
  });

  it('fails when answers are dropped, and when requests are', () => {
    const { outcome, reason, remedy } = finding(
      on(filter('-A INPUT -p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK -j DROP')),
    );
    expect(outcome).to.equal('fail');
    expect(reason).to.include('client1').and.include('answers from 192.168.122.100:80').and.include('INPUT');
    expect(remedy?.commands).to.deep.equal(['iptables -I INPUT 1 -s 192.168.122.100 -p tcp --sport 80 -j ACCEPT']);
    expect(finding(on(filter('-A OUTPUT -p tcp -m tcp --dport 80 -j REJECT'))).reason).to.include('rejects requests');
  });

  it('cannot tell past conditions nobody knows', () => {
    expect(on(filter('-A INPUT -m set --match-set bad src -j DROP')).outcome).to.equal('error');
  });

  it('says nothing where the filter may not be read', () => {
    const judgement = on(missing('permission', 'client1: sudo does not let ops run nft -j list ruleset'));
    expect(judgement.outcome).to.equal('not-applicable');
    expect(judgement).to.have.property('reason').that.includes('sudo does not let ops');
  });
});
