import { expect } from 'chai';
import { generator } from '../../../../checks/traffic/generator.ts';
import type { LoadResult } from '../../../../lib/model/load-result.ts';
import { aCluster } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (cpuShare: number, eventLoopDelayP99Ms: number, load: Partial<LoadResult> = {}, metric?: string) =>
  judge(generator, {
    cluster: aCluster({ thresholds: metric === undefined ? [] : [{ load: 'smoke', metric, max: 1 }] }),
    load: { ...load, generator: { cpuShare, eventLoopDelayP99Ms } },
  });
const timedOut = { errors: { rate: 0.1, byKind: { 'response-timeout': 3 }, examples: [] } };

describe('traffic/generator', () => {
  it('passes with room to spare', () => {
    expect(when(0.9, 40).outcome).to.equal('pass');
  });

  it('warns when it was the limit and nothing depends on rates and times', () => {
    const { outcome, reason } = finding(when(1.02, 5));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('client1').and.include('102% of a core');
    expect(finding(when(0.3, 250)).reason).to.include('timers were 250 ms late');
    expect(when(1, 5, {}, 'errors.rate').outcome).to.equal('warn');
  });

  it('makes it inconclusive when a threshold on a time or a rate does', () => {
    const judgement = when(1, 5, {}, 'total.p99');
    expect(judgement.outcome).to.equal('error');
    expect(judgement).to.have.property('reason').that.includes('total.p99');
    expect(when(1, 5, {}, 'rate').outcome).to.equal('error');
  });

  it('makes it inconclusive when rates and times are what was asked for, or a rate was promised', () => {
    const openLoop = { arrivals: 'constant', offeredRps: 500, achievedRps: 400, lateAfterMs: 10, stages: [] } as const;
    expect(when(1, 5, { measured: true }).outcome).to.equal('error');
    expect(when(1, 5, { openLoop: { ...openLoop, lateSends: 0, waitedForPlace: 0 } }).outcome).to.equal('error');
    const late = when(0.5, 5, { openLoop: { ...openLoop, lateSends: 90, waitedForPlace: 10 } });
    expect(late.outcome).to.equal('error');
    expect('reason' in late && late.reason).to.include(
      'began 80 of 300 requests more than 10 ms late, 400 of 500 a second',
    );
    const waited = when(0.5, 5, { openLoop: { ...openLoop, lateSends: 90, waitedForPlace: 90 } });
    expect(waited.outcome, 'the service was slow').to.equal('pass');
  });

  it('says which it was: ports, with TIME_WAIT, or descriptors', () => {
    const own = { cpuShare: 0.2, eventLoopDelayP99Ms: 1 };
    const errors = { rate: 0.1, byKind: { 'no-resource': 30 }, examples: [] };
    const reasonOf = (load: Partial<LoadResult>) => {
      const judged = judge(generator, { load });
      expect(judged.outcome).to.equal('error');
      return 'reason' in judged ? judged.reason : '';
    };
    const ports = { perSource: 28_232, sources: 1, timeWaitMost: 28_000 };
    expect(reasonOf({ errors, generator: { ...own, ports } })).to.include(
      '30 connections found no free source port (28232 for one address, 28000 sockets in TIME_WAIT)',
    );
    expect(reasonOf({ generator: { ...own, ports } })).to.include('nearly all its source ports were taken');
    const descriptors = { limit: 1024, mostOpen: 1000 };
    expect(reasonOf({ errors, generator: { ...own, ports, descriptors } }))
      .to.include('1000 connections open of the 1024 descriptors')
      .and.not.include('source port');
    expect(reasonOf({ capacity: { limitedBy: 'generator', reason: 'it used 100% of a core', steps: [] } })).to.include(
      'capacity',
    );
  });

  it('makes it inconclusive when timeouts may be its own', () => {
    expect(when(0.5, 150, timedOut).outcome).to.equal('error');
    expect(when(0.5, 20, timedOut).outcome).to.equal('pass');
  });
});
