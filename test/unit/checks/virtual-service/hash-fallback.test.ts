import { expect } from 'chai';
import { hashFallback as check } from '../../../../checks/virtual-service/hash-fallback.ts';
import type { IpvsDestination } from '../../../../lib/model/facts.ts';
import { aClusterWith } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';
import { changedRules, noRules } from './rule-change.ts';

const when = (scheduler: string, extra: readonly string[], first: Partial<IpvsDestination> = {}) => {
  const cluster = aClusterWith({ scheduler });
  return judge(check, { cluster, facts: changedRules(cluster, { extra }, { 0: first }) });
};

describe('virtual-service/hash-fallback', () => {
  it('passes while every destination takes clients, or with the flag', () => {
    expect(when('sh', []).outcome).to.equal('pass');
    expect(when('sh', ['-b', 'sh-fallback'], { weight: 0 }).outcome).to.equal('pass');
    expect(when('mh', [], { weight: 0 }).outcome).to.equal('pass');
  });

  it('finds a destination with weight 0 under sh', () => {
    const { outcome, reason, remedy } = finding(when('sh', ['-b', 'sh-port'], { weight: 0 }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('10.10.10.10:80').and.include('weight 0').and.include('sh-fallback');
    expect(remedy?.commands).to.deep.equal(['ipvsadm -E -t 192.168.122.100:80 -s sh -b sh-fallback,sh-port']);
    expect(remedy?.undo).to.deep.equal(['ipvsadm -E -t 192.168.122.100:80 -s sh -b sh-port']);
  });

  it('finds thresholds under sh and mh', () => {
    for (const scheduler of ['sh', 'mh']) {
      expect(finding(when(scheduler, [], { extra: ['-x', '100'] })).reason)
        .to.include('threshold')
        .and.include(`${scheduler}-fallback`);
    }
  });

  it('does not apply to other schedulers, nor to a service that is not there', () => {
    expect(when('rr', [], { weight: 0 }).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster: aClusterWith({ scheduler: 'sh' }), facts: noRules }).outcome).to.equal(
      'not-applicable',
    );
  });
});
