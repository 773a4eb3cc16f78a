import { expect } from 'chai';
import { weights as check } from '../../../../checks/virtual-service/weights.ts';
import { aClusterWith, hostNamed } from '../../../builders.ts';
import { factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

function when(scheduler: string, ...values: readonly number[]) {
  const cluster = aClusterWith({ scheduler });
  const [service] = factsOf(cluster, hostNamed(cluster, 'director1')).ipvsRules.services;
  if (service === undefined) throw new RangeError('the healthy cluster has a service');
  const destinations = service.destinations
    .slice(0, values.length)
    .map((destination, index) => ({ ...destination, weight: values[index] ?? 1 }));
  return judge(check, { cluster, facts: { director1: { ipvsRules: { services: [{ ...service, destinations }] } } } });
}

describe('virtual-service/weights', () => {
  it('passes with equal weights, proportions, and a drained destination', () => {
    expect(when('rr', 1, 1, 1).outcome).to.equal('pass');
    expect(when('wrr', 4, 2, 1).outcome).to.equal('pass');
    expect(when('rr', 1, 0, 1).outcome).to.equal('pass');
    expect(when('fo', 100, 1).outcome).to.equal('pass');
  });

  it('fails when all have weight 0, with the weights that were declared', () => {
    const { outcome, reason, remedy } = finding(when('rr', 0, 0, 0));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('all destinations have weight 0');
    expect(remedy?.commands).to.have.length(3);
    expect(remedy?.commands[0]).to.equal('ipvsadm -e -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 1');
    expect(remedy?.undo?.[0]).to.include('-w 0');
  });

  it('fails without a destination', () => {
    const { reason, remedy } = finding(when('rr'));
    expect(reason).to.include('it has no destination');
    expect(remedy).to.equal(undefined);
  });

  it('warns when one dwarfs another', () => {
    const { outcome, reason } = finding(when('wrr', 100, 1, 1));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('10.10.10.10:80 weight 100');
  });

  it('warns when the scheduler looks at no weight', () => {
    expect(finding(when('rr', 2, 1, 1)).reason).to.include('rr looks at none but 0');
  });

  it('leaves a missing service to virtual-service/rules', () => {
    const judgement = judge(check, { facts: { director1: { ipvsRules: { services: [] } } } });
    expect(judgement.outcome).to.equal('not-applicable');
  });
});
