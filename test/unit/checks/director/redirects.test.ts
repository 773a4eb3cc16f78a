import { expect } from 'chai';
import { redirects as check } from '../../../../checks/director/redirects.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { aCluster, aDirectCluster, aDirector, hostNamed } from '../../../builders.ts';
import { aRoute, type FactChanges, factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

/** One interface for everything. */
const cluster = aCluster({ directors: [aDirector({ interface: 'eth0' })] });
const settings = (name: string, values: Readonly<Record<string, string>>) => ({
  ...factsOf(cluster, hostNamed(cluster, name)).sysctl,
  ...Object.fromEntries(Object.entries(values).map(([key, value]) => [`net.ipv4.conf.${key}`, value])),
});
const quiet = Object.fromEntries(
  ['rs1', 'rs2', 'rs3'].map((name): [string, FactChanges] => [
    name,
    { sysctl: settings(name, { 'all.accept_redirects': '0', 'eth0.accept_redirects': '0' }) },
  ]),
);

describe('director/redirects', () => {
  it('does not apply to a director with two interfaces, nor to DR', () => {
    expect(judge(check).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster: aDirectCluster('dr') }).outcome).to.equal('not-applicable');
  });

  it('fails when a director with one interface sends redirects and real servers believe them', () => {
    const { outcome, reason, remedy } = finding(judge(check, { cluster }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('eth0').and.include('rs1, rs2 and rs3 believe');
    expect(remedy?.commands).to.deep.equal([
      'sysctl -w net.ipv4.conf.all.send_redirects=0',
      'sysctl -w net.ipv4.conf.eth0.send_redirects=0',
    ]);
  });

  it('fails when all or the interface alone sends them', () => {
    for (const name of ['all', 'eth0']) {
      const director1 = { sysctl: settings('director1', { [`${name}.send_redirects`]: '0' }) };
      expect(judge(check, { cluster, facts: { director1 } }).outcome, name).to.equal('fail');
    }
  });

  it('passes when none are sent, or nobody believes them', () => {
    const director1 = { sysctl: settings('director1', { 'all.send_redirects': '0', 'eth0.send_redirects': '0' }) };
    expect(judge(check, { cluster, facts: { director1 } }).outcome).to.equal('pass');
    expect(judge(check, { cluster, facts: quiet }).outcome).to.equal('pass');
  });

  it('knows that a real server that forwards must be told by all and by the interface', () => {
    const forwarding = Object.fromEntries(
      ['rs1', 'rs2', 'rs3'].map((name): [string, FactChanges] => [
        name,
        { sysctl: { ...settings(name, { 'all.accept_redirects': '0' }), 'net.ipv4.ip_forward': '1' } },
      ]),
    );
    expect(judge(check, { cluster, facts: forwarding }).outcome).to.equal('pass');
  });

  it('fails for a way that was learned from a redirect, whatever the settings say now', () => {
    const routes = [aRoute('192.168.122.1', { redirected: true, from: '10.10.10.20' })];
    const { reason } = finding(judge(check, { cluster, facts: { ...quiet, rs2: { ...quiet['rs2'], routes } } }));
    expect(reason).to.include('rs2 answered a client by a way learned from an ICMP redirect');
  });

  it('cannot tell when a real server does not say what it believes, or the director how it reaches them', () => {
    const silent = { ...quiet, rs3: { sysctl: missing('unreachable', 'no answer') } };
    expect(judge(check, { cluster, facts: silent }).outcome).to.equal('error');
    expect(judge(check, { cluster, facts: { director1: { routes: [] } } }).outcome).to.equal('error');
  });
});
