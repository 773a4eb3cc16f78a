import { expect } from 'chai';
import { removedDestinations as check } from '../../../../checks/director/removed-destinations.ts';
import { aCluster } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const cluster = aCluster({ rules: { managedBy: 'keepalived' } });
const when = (sysctl: Readonly<Record<string, string>>) => judge(check, { cluster, facts: { director1: { sysctl } } });

describe('director/removed-destinations', () => {
  it('passes when such connections end', () => {
    expect(when({ 'net.ipv4.vs.expire_nodest_conn': '1' }).outcome).to.equal('pass');
  });

  it('finds the default beside a health checker that removes destinations', () => {
    const { outcome, remedy } = finding(judge(check, { cluster }));
    expect(outcome).to.equal('fail');
    expect(remedy?.commands).to.deep.equal(['sysctl -w net.ipv4.vs.expire_nodest_conn=1']);
  });

  it('does not apply where nothing removes destinations, nor before IPVS is loaded', () => {
    expect(judge(check).outcome).to.equal('not-applicable');
    expect(when({}).outcome).to.equal('not-applicable');
  });
});
