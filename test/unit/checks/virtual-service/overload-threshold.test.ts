import { expect } from 'chai';
import { overloadThreshold as check } from '../../../../checks/virtual-service/overload-threshold.ts';
import { aCluster, aProfile } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';
import { changedRules, noRules } from './rule-change.ts';

const when = (uppers: readonly number[], profile = {}) => {
  const cluster = aCluster({ loadProfiles: [aProfile(profile)] });
  const destinations = Object.fromEntries(
    uppers.map((upper, index) => [index, { extra: upper === 0 ? [] : ['-x', String(upper)] }]),
  );
  return judge(check, { cluster, facts: changedRules(cluster, {}, destinations) });
};

describe('virtual-service/overload-threshold', () => {
  it('passes when they leave room, or one destination has none', () => {
    expect(when([100, 100, 100]).outcome).to.equal('pass');
    expect(when([2, 2, 0]).outcome).to.equal('pass');
    expect(when([10, 10, 10], { mode: 'keepalive' }).outcome).to.equal('pass');
  });

  it('fails when the load is wider than they are together', () => {
    const { outcome, reason, remedy } = finding(when([2, 2, 2]));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('6 connections at once').and.include('smoke makes 10');
    expect(remedy?.commands[0]).to.equal('ipvsadm -e -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 1');
    expect(remedy?.undo?.[0]).to.include('-x 2');
  });

  it('warns when ended connections may fill them', () => {
    const { outcome, reason } = finding(when([20, 20, 20]));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('60 connections').and.include('makes 300');
  });

  it('does not apply without thresholds or service', () => {
    expect(judge(check).outcome).to.equal('not-applicable');
    expect(judge(check, { facts: noRules }).outcome).to.equal('not-applicable');
  });
});
