import { expect } from 'chai';
import { realServerRole as check } from '../../../../checks/director/real-server-role.ts';
import type { Cluster } from '../../../../lib/model/cluster.ts';
import { aDirectCluster, aDirector, aRealServer, aService, hostNamed } from '../../../builders.ts';
import { anAddress, factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

/** Two directors that serve as well; `both` false leaves the second one a director only. */
function cluster(both: boolean, change: { forwarding?: 'nat' | 'dr'; fwmark?: number } = {}): Cluster {
  const directors = [
    aDirector({ dip: '192.168.122.10', interface: 'eth0' }),
    aDirector({ name: 'director2', host: 'lb2', dip: '192.168.122.9', interface: 'eth0' }),
  ];
  const realServers = [
    aRealServer(1, { rip: '192.168.122.10' }),
    aRealServer(2, { rip: both ? '192.168.122.9' : '192.168.122.12' }),
  ];
  return aDirectCluster('dr', {
    directors,
    realServers,
    virtualServices: [aService(realServers, { forwarding: 'dr', ...change })],
  });
}

describe('director/real-server-role', () => {
  it('does not apply to one director, to NAT, to a mark, or to directors that serve nothing', () => {
    expect(judge(check, { cluster: aDirectCluster('dr') }).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster: cluster(true, { forwarding: 'nat' }) }).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster: cluster(true, { fwmark: 7 }) }).outcome).to.equal('not-applicable');
    const facts = { director2: { addresses: [anAddress('eth0', '192.168.122.9')] } };
    expect(judge(check, { cluster: cluster(false), on: 'director2', facts }).outcome).to.equal('not-applicable');
  });

  it('fails when both have rules that lead to the other', () => {
    const { outcome, reason, remedy } = finding(judge(check, { cluster: cluster(true) }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('director2').and.include('rs1');
    expect(remedy?.commands).to.deep.equal(['sysctl -w net.ipv4.vs.backup_only=1']);
  });

  it('warns when one of them schedules a second time', () => {
    expect(finding(judge(check, { cluster: cluster(false) })).outcome).to.equal('warn');
  });

  it('passes with backup_only, without rules, and with rules that lead to itself alone', () => {
    const two = cluster(true);
    const { sysctl } = factsOf(two, hostNamed(two, 'director1'));
    const kept = { director1: { sysctl: { ...sysctl, 'net.ipv4.vs.backup_only': '1' } } };
    expect(judge(check, { cluster: two, facts: kept }).outcome).to.equal('pass');
    expect(judge(check, { cluster: two, facts: { director1: { ipvsRules: { services: [] } } } }).outcome).to.equal(
      'pass',
    );
    const { ipvsRules } = factsOf(two, hostNamed(two, 'director1'));
    const services = ipvsRules.services.map((service) => ({
      ...service,
      destinations: service.destinations.slice(0, 1),
    }));
    expect(judge(check, { cluster: two, facts: { director1: { ipvsRules: { services } } } }).outcome).to.equal('pass');
  });
});
