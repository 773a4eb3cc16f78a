import { expect } from 'chai';

import { vrrpFilter } from '../../../../checks/director/vrrp-filter.ts';
import { type Firewall, missing } from '../../../../lib/model/facts.ts';
import { parseFirewall } from '../../../../lib/parse/firewall.ts';
import { aCluster, aDirector } from '../../../builders.ts';
import type { FactChanges } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';
import { iptables, on } from '../../../packet-filter.ts';
import { transcript } from '../../parse/transcript.ts';

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
