import { expect } from 'chai';

import { masquerade } from '../../../../checks/director/masquerade.ts';
import { finding } from '../../../judgement.ts';
import { dr, iptables, nat, on, tracked } from '../../../packet-filter.ts';

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
