import { expect } from 'chai';
import { generator } from '../../../../checks/traffic/generator.ts';
import type { LoadResult } from '../../../../lib/model/observations.ts';
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

  it('makes it inconclusive when timeouts may be its own', () => {
    expect(when(0.5, 150, timedOut).outcome).to.equal('error');
    expect(when(0.5, 20, timedOut).outcome).to.equal('pass');
  });
});
