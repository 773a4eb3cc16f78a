import { expect } from 'chai';
import { reversePathFilter as check } from '../../../../checks/director/reverse-path-filter.ts';
import { aClient, aCluster, aDirectCluster, aDirector, cip, hostNamed } from '../../../builders.ts';
import { aRoute, factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const cluster = aCluster();
const { sysctl, routes } = factsOf(cluster, hostNamed(cluster, 'director1'));
const filter = (values: Readonly<Record<string, string>>) => ({
  ...sysctl,
  ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`net.ipv4.conf.${name}.rp_filter`, value])),
});
const detour = (destination: string, name: string) => [
  aRoute(destination, { interface: name }),
  ...routes.filter((route) => route.destination !== destination),
];

describe('director/reverse-path-filter', () => {
  it('passes with a strict filter where ways are symmetrical, and with none or a loose one where they are not', () => {
    expect(judge(check, { facts: { director1: { sysctl: filter({ all: '1' }) } } }).outcome).to.equal('pass');
    for (const values of [{ all: '0' }, { all: '1', eth1: '2' }, { all: '2', eth1: '1' }]) {
      const facts = { director1: { sysctl: filter(values), routes: detour('10.10.10.20', 'eth0') } };
      expect(judge(check, { facts }).outcome, JSON.stringify(values)).to.equal('pass');
    }
  });

  it('fails when a real server of the network is sent to by another interface, strictness from all or from its own', () => {
    for (const values of [{ all: '1' }, { eth1: '1' }]) {
      const facts = { director1: { sysctl: filter(values), routes: detour('10.10.10.20', 'eth0') } };
      const { outcome, reason, remedy } = finding(judge(check, { facts }));
      expect(outcome).to.equal('fail');
      expect(reason).to.include('rs2 (10.10.10.20)').and.include('dev eth0').and.include('on eth1');
      expect(remedy?.commands).to.deep.equal(['sysctl -w net.ipv4.conf.eth1.rp_filter=2']);
    }
  });

  it('fails for a client on the network of the VIP, and warns for one that may come in elsewhere', () => {
    const facts = { director1: { sysctl: filter({ eth0: '1' }), routes: detour(cip, 'eth1') } };
    expect(finding(judge(check, { facts })).outcome).to.equal('fail');
    const far = aCluster({ clients: [aClient({ cip: '203.0.113.5' })] });
    const director1 = {
      sysctl: filter({ eth0: '1' }),
      routes: [aRoute('203.0.113.5', { interface: 'eth1' }), ...routes],
    };
    expect(finding(judge(check, { cluster: far, facts: { director1 } })).outcome).to.equal('warn');
  });

  it('counts a source without any way as dropped by a loose filter too', () => {
    const director1 = { sysctl: filter({ all: '2' }), routes: [aRoute(cip, { outcome: 'no-route' }), ...routes] };
    const { outcome, remedy } = finding(judge(check, { facts: { director1 } }));
    expect(outcome).to.equal('fail');
    expect(remedy?.commands).to.deep.equal([
      'sysctl -w net.ipv4.conf.all.rp_filter=0',
      'sysctl -w net.ipv4.conf.eth0.rp_filter=0',
    ]);
    expect(judge(check, { facts: { director1: { ...director1, sysctl } } }).outcome).to.equal('pass');
  });

  it('is certain of a source without any way, also from elsewhere', () => {
    const direct = aDirectCluster('dr');
    const { sysctl: own } = factsOf(direct, hostNamed(direct, 'director1'));
    const director1 = {
      sysctl: { ...own, 'net.ipv4.conf.all.rp_filter': '1' },
      routes: [aRoute('172.16.0.2', { outcome: 'no-route' })],
    };
    expect(finding(judge(check, { cluster: direct, facts: { director1 } })).outcome).to.equal('fail');
  });

  it('looks at requests alone with DR, and at nothing with IPv6', () => {
    const direct = aDirectCluster('dr');
    const judgement = judge(check, { cluster: direct });
    expect(judgement.outcome).to.equal('pass');
    expect(judgement).to.have.property('found').that.has.all.keys('client1 (172.16.0.2)');
    const six = aDirectCluster('dr', { clients: [aClient({ cip: '2001:db8::1' })] });
    expect(judge(check, { cluster: six }).outcome).to.equal('not-applicable');
  });

  it('does not take a dummy interface for the one requests come in by', () => {
    const dummy = aDirectCluster('dr', { directors: [aDirector({ interface: 'eth0', vipInterface: 'dummy0' })] });
    expect(judge(check, { cluster: dummy }).outcome).to.equal('not-applicable');
  });

  it('cannot tell without the way or the setting', () => {
    expect(judge(check, { facts: { director1: { routes: [] } } }).outcome).to.equal('error');
    expect(judge(check, { facts: { director1: { sysctl: {} } } }).outcome).to.equal('error');
  });
});
