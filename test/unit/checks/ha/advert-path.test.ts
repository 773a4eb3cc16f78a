import { expect } from 'chai';
import { advertPath } from '../../../../checks/ha/advert-path.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { finding, judge } from '../../../judgement.ts';
import { iptables } from '../../../packet-filter.ts';
import { aPair } from '../../../pair-facts.ts';
import { confWith, nowhere, pairJudged } from './pair.ts';

const cluster = aPair();
const filtered = (...rules: readonly string[]) =>
  pairJudged(advertPath, { director1: { firewall: iptables('filter', ...rules) } });

describe('ha/advert-path', () => {
  it('passes where they leave, by a rule too', () => {
    expect(pairJudged(advertPath).outcome).to.equal('pass');
    expect(filtered('-P OUTPUT DROP', '-A OUTPUT -p vrrp -j ACCEPT').outcome).to.equal('pass');
  });

  it('fails where a rule or the policy keeps them', () => {
    expect(finding(filtered('-A OUTPUT -p vrrp -j DROP')).reason).to.include(
      'drops its own VRRP adverts to 224.0.0.18',
    );
    expect(finding(filtered('-P OUTPUT DROP')).reason).to.include('policy');
    const unicast = confWith(cluster, 'director1', { unicastPeers: ['192.168.122.9'] });
    const rule = iptables('filter', '-A OUTPUT -d 192.168.122.9/32 -p vrrp -j REJECT');
    expect(finding(pairJudged(advertPath, { director1: { ...unicast, firewall: rule } })).reason).to.include(
      '192.168.122.9',
    );
  });

  it('fails where it has not joined the group, and not where that is not known or needed', () => {
    expect(finding(pairJudged(advertPath, { director1: { multicast: [] } })).reason).to.include(
      'has not joined 224.0.0.18 on eth0',
    );
    expect(pairJudged(advertPath, { director1: { multicast: missing('unsupported', 'no /proc') } }).outcome).to.equal(
      'pass',
    );
    const unicast = confWith(cluster, 'director1', { unicastPeers: ['192.168.122.9'] });
    expect(pairJudged(advertPath, { director1: { ...unicast, multicast: [] } }).outcome).to.equal('pass');
  });

  it('cannot tell past a condition it does not know', () => {
    expect(filtered('-A OUTPUT -p vrrp -m set --match-set some dst -j DROP').outcome).to.equal('error');
  });

  it('does not apply to one director, nor where keepalived does not run or has no VRRP', () => {
    expect(judge(advertPath).outcome).to.equal('not-applicable');
    expect(pairJudged(advertPath, { director1: { keepalived: { running: false } } }).outcome).to.equal(
      'not-applicable',
    );
    expect(pairJudged(advertPath, { director1: nowhere }).outcome).to.equal('not-applicable');
  });
});
