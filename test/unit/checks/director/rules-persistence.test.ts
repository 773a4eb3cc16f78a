import { expect } from 'chai';
import { rulesPersistence } from '../../../../checks/director/rules-persistence.ts';
import type { SavedRules } from '../../../../lib/model/facts.ts';
import { aCluster } from '../../../builders.ts';
import { factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const cluster = aCluster();
const [director] = cluster.directors;
if (director === undefined) throw new Error('no director');
const healthy = factsOf(cluster, director).savedRules;
const ask = (change: Partial<SavedRules>, managedBy: 'ipvsadm' | 'keepalived' | 'none' = 'ipvsadm') =>
  judge(rulesPersistence, {
    cluster: aCluster({ rules: { managedBy } }),
    facts: { director1: { savedRules: { ...healthy, ...change } } },
  });
const changed = (change: Partial<SavedRules['services'][number]>) =>
  ask({ services: healthy.services.map((service) => ({ ...service, ...change })) });

describe('director/rules-persistence', () => {
  it('passes when the file has the declared rules and the boot loads it', () => {
    expect(ask({}).outcome).to.equal('pass');
    expect(ask({ keeper: 'keepalived', file: '/etc/keepalived/keepalived.conf' }, 'keepalived').outcome).to.equal(
      'pass',
    );
  });

  it('fails when the boot does not load it, and turns that on', () => {
    const { reason, remedy } = finding(
      ask({ atBoot: false, because: '/etc/default/ipvsadm does not say AUTO="true"' }),
    );
    expect(reason).to.include('loads no IPVS rules at the next boot: /etc/default/ipvsadm');
    expect(remedy?.commands).to.include('systemctl enable ipvsadm');
    expect(finding(ask({ keeper: 'ipvsadm-rhel', atBoot: false })).remedy?.commands).to.include(
      'ipvsadm-save -n > /etc/sysconfig/ipvsadm',
    );
  });

  it('fails when nothing keeps rules', () => {
    expect(finding(ask({ keeper: 'none', services: [] })).reason).to.include('nothing that loads IPVS rules');
    expect(finding(ask({ keeper: 'none', services: [] }, 'keepalived')).reason).to.include('keepalived.conf');
  });

  it('fails when the file has other rules, and says which', () => {
    expect(finding(changed({ scheduler: 'wlc' })).reason).to.include('scheduler wlc in place of rr for web');
    expect(finding(changed({ persistenceS: 60 })).reason).to.include('persistence 60 s in place of 0 s');
    expect(finding(changed({ port: 8080 })).reason).to.include('no rule of web');
    expect(finding(changed({ destinations: [] })).reason).to.include('no destination rs1 (10.10.10.10:80)');
    const destinations = healthy.services[0]?.destinations ?? [];
    expect(finding(changed({ destinations: destinations.map((one) => ({ ...one, weight: 0 })) })).reason).to.include(
      'weight 0 in place of 1 for rs1',
    );
    expect(
      finding(changed({ destinations: destinations.map((one) => ({ ...one, forwarding: 'dr' })) })).reason,
    ).to.include('forwarding dr in place of nat');
    const [first] = destinations;
    if (first === undefined) throw new Error('no destination');
    const more = [...destinations, { ...first, address: '10.10.10.40' }];
    expect(finding(changed({ destinations: more })).reason).to.include('1 more of web');
  });

  it('cannot tell what an include hides, or what nobody asked', () => {
    expect(ask({ services: [], unsure: 'it includes conf.d/*.conf' }).outcome).to.equal('error');
    expect(
      judge(rulesPersistence, {
        facts: { director1: { savedRules: { keeper: 'ipvsadm-debian', services: healthy.services } } },
      }),
    ).to.include({ outcome: 'error' });
  });

  it('asks nothing of a director that has no rules yet, nor where nobody manages them', () => {
    const savedRules: SavedRules = {
      keeper: 'ipvsadm-debian',
      file: '/etc/ipvsadm.rules',
      atBoot: false,
      services: [],
    };
    const fresh = judge(rulesPersistence, { facts: { director1: { savedRules, ipvsRules: { services: [] } } } });
    expect(fresh.outcome).to.equal('not-applicable');
    expect(ask({}, 'none').outcome).to.equal('not-applicable');
  });
});
