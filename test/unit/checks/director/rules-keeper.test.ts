import { expect } from 'chai';
import { rulesKeeper } from '../../../../checks/director/rules-keeper.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { aCluster } from '../../../builders.ts';
import { type FactChanges, factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const [director] = aCluster().directors;
if (director === undefined) throw new Error('no director');
const healthy = factsOf(aCluster(), director);
const ask = (change: FactChanges, managedBy: 'ipvsadm' | 'keepalived' | 'none' = 'ipvsadm') =>
  judge(rulesKeeper, { cluster: aCluster({ rules: { managedBy } }), facts: { director1: change } });
const running = (...names: readonly string[]) => ({
  units: {
    systemd: true,
    units: names.map((name) => ({ name: `${name}.service`, active: 'active', enabled: 'enabled' })),
  },
});

describe('director/rules-keeper', () => {
  it('passes with one keeper, and with keepalived for addresses only', () => {
    expect(ask({}).outcome).to.equal('pass');
    expect(ask(running('keepalived')).outcome).to.equal('pass');
    expect(ask(running('keepalived'), 'keepalived').outcome).to.equal('pass');
    expect(ask({ units: missing('unsupported', 'no systemd') }).outcome).to.equal('pass');
  });

  it('cannot tell what runs beside where nobody could say', () => {
    for (const fact of ['units', 'links'] as const) {
      const judgement = ask({ [fact]: missing('deadline', `director1: ${fact} did not come in time`) });
      expect(judgement, fact).to.deep.include({ outcome: 'error' });
      expect(judgement).to.have.property('reason').that.includes('did not come in time');
    }
  });

  it('fails with a second daemon', () => {
    expect(finding(ask(running('ldirectord', 'keepalived'), 'keepalived')).reason).to.equal(
      'director1 has its IPVS rules from keepalived, and also from ldirectord, which is running',
    );
    const links = [...healthy.links, { name: 'kube-ipvs0', mtu: 1500, up: false, noArp: true, kind: 'dummy' }];
    expect(finding(ask({ links })).reason).to.include('kube-ipvs0');
    expect(finding(ask(running('kube-proxy'), 'none')).reason).to.include('somebody the cluster file does not name');
  });

  it('fails with a second one at the next boot, and takes it out', () => {
    const alsoAtBoot = ['keepalived.service, with virtual servers in /etc/keepalived/keepalived.conf'];
    const { reason, remedy } = finding(ask({ savedRules: { ...healthy.savedRules, alsoAtBoot } }));
    expect(reason).to.include('at the next boot');
    expect(remedy?.commands).to.deep.equal(['systemctl disable keepalived.service']);
  });
});
