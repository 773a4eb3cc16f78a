import { expect } from 'chai';
import { syncThreshold } from '../../../../checks/ha/sync-threshold.ts';
import { finding, judge } from '../../../judgement.ts';
import { pairJudged } from './pair.ts';

const set = (value: string | undefined, refresh = '0') =>
  pairJudged(syncThreshold, {
    director1: {
      sysctl: {
        ...(value === undefined ? {} : { 'net.ipv4.vs.sync_threshold': value }),
        'net.ipv4.vs.sync_refresh_period': refresh,
      },
    },
  });

describe('ha/sync-threshold', () => {
  it('passes with the default and earlier', () => {
    for (const value of ['3\t50', '0 0', '1 10']) expect(set(value).outcome, value).to.equal('pass');
    expect(set('3 200', '10').outcome).to.equal('pass');
  });

  it('warns of a late first copy, and of seldom ones', () => {
    const { reason, remedy } = finding(set('20\t50'));
    expect(reason).to.include('with packet 20 of its client');
    expect(remedy?.commands).to.deep.equal(
      ['sysctl -w "net.ipv4.vs.sync_threshold=3 50"'].map((one) => one.replaceAll('"', "'")),
    );
    expect(finding(set('3 500')).reason).to.include('again with every packet 500');
  });

  it('cannot tell where the kernel does not say, and does not apply without a daemon or a pair', () => {
    expect(set(undefined).outcome).to.equal('error');
    expect(pairJudged(syncThreshold, { director1: { connectionSync: { daemons: [] } } }).outcome).to.equal(
      'not-applicable',
    );
    expect(judge(syncThreshold).outcome).to.equal('not-applicable');
  });
});
