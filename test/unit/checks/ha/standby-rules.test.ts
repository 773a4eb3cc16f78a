import { expect } from 'chai';
import { standbyRules } from '../../../../checks/ha/standby-rules.ts';
import { type IpvsDestination, type IpvsService, missing } from '../../../../lib/model/facts.ts';
import { hostNamed } from '../../../builders.ts';
import { factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';
import { aPair } from '../../../pair-facts.ts';
import { pairJudged } from './pair.ts';

const cluster = aPair();
const { services } = factsOf(cluster, hostNamed(cluster, 'director2')).ipvsRules;
const second = (change: Partial<IpvsService>) =>
  pairJudged(standbyRules, { director2: { ipvsRules: { services: services.map((one) => ({ ...one, ...change })) } } });
const destinations = (change: (one: IpvsDestination, index: number) => readonly IpvsDestination[]) =>
  second({ destinations: services.flatMap((service) => service.destinations.flatMap(change)) });

describe('ha/standby-rules', () => {
  it('passes where they are the same, and tells what a health check may have done', () => {
    expect(pairJudged(standbyRules).outcome).to.equal('pass');
    const out = destinations((one, index) => (index === 0 ? [] : [{ ...one, weight: index === 1 ? 0 : one.weight }]));
    expect(out.outcome).to.equal('pass');
    expect(JSON.stringify(out))
      .to.include('director2 lacks 192.168.122.11:80')
      .and.include('weight of 192.168.122.12:80');
  });

  it('fails without a rule, or without a destination', () => {
    const { reason, culprits } = finding(pairJudged(standbyRules, { director2: { ipvsRules: { services: [] } } }));
    expect(reason).to.equal('director2 lacks the rule of tcp 192.168.122.100:80');
    expect(culprits).to.deep.equal(['director2']);
    expect(finding(second({ destinations: [] })).reason).to.include('director2 has no destination of tcp');
  });

  it('fails for another scheduler, persistence or method', () => {
    expect(finding(second({ scheduler: 'sh' })).reason).to.include('rr on director1 and sh on director2');
    expect(finding(second({ persistenceS: 360 })).reason).to.include('360 s on director2');
    expect(finding(destinations((one) => [{ ...one, forwarding: 'nat' }])).reason).to.include(
      'dr on director1 and nat on director2',
    );
  });

  it('cannot tell without the rules of one', () => {
    const gone = { ipvsRules: missing('permission', 'sudo refuses ops') };
    expect(pairJudged(standbyRules, { director2: gone }))
      .to.have.property('reason')
      .that.includes('sudo refuses ops');
  });

  it('does not apply to one director, nor without any rule', () => {
    expect(judge(standbyRules).outcome).to.equal('not-applicable');
    const none = { ipvsRules: { services: [] } };
    expect(pairJudged(standbyRules, { director1: none, director2: none }).outcome).to.equal('not-applicable');
  });
});
