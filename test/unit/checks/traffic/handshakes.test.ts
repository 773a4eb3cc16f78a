import { expect } from 'chai';
import { handshakes } from '../../../../checks/traffic/handshakes.ts';
import type { LoadResult } from '../../../../lib/model/load-result.ts';
import type { TableSample } from '../../../../lib/model/sampling.ts';
import { aSample } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const timeouts: Partial<LoadResult> = {
  answered: 200,
  failed: 100,
  errors: { rate: 1 / 3, byKind: { 'connect-timeout': 100 }, examples: [] },
};
const when = (samples: readonly TableSample[], load: Partial<LoadResult> = timeouts) =>
  judge(handshakes, { load, sampling: { samples } });
const rs2 = '10.10.10.20:80';

describe('traffic/handshakes', () => {
  it('passes when none is stuck', () => {
    expect(judge(handshakes).outcome).to.equal('pass');
  });

  it('fails when those of one real server are, names it and counts, the most of the last two samples', () => {
    const { outcome, reason, found } = finding(
      when([
        aSample(1000, [rs2, 'SYN_RECV', 40, 0]),
        aSample(4000, [rs2, 'SYN_RECV', 90, 80], ['10.10.10.10:80', 'TIME_WAIT', 50]),
        aSample(4500, [rs2, 'SYN_RECV', 100, 95]),
      ]),
    );
    expect(outcome).to.equal('fail');
    expect(reason)
      .to.include('95 connections to rs2 (10.10.10.20:80) in SYN_RECV')
      .and.include('100 connections of client1 timed out');
    expect(reason).to.not.include('rs1');
    expect(found).to.deep.equal({ stuck: { [rs2]: 95 }, connectTimeouts: 100 });
  });

  it('names every one of several', () => {
    const sample = aSample(4000, [rs2, 'SYN_RECV', 1, 1], ['10.10.10.30:80', 'SYN_RECV', 2, 2]);
    expect(finding(when([sample, sample])).reason)
      .to.include('1 connection to rs2')
      .and.include('2 connections to rs3');
  });

  it('only warns when no connection of ours timed out', () => {
    const sample = aSample(4000, [rs2, 'SYN_RECV', 1, 1]);
    expect(when([sample, sample], {}).outcome).to.equal('warn');
  });

  it('forgets what was stuck earlier and is not any more', () => {
    const samples = [
      aSample(3000, [rs2, 'SYN_RECV', 1, 1]),
      aSample(3500, [rs2, 'ESTABLISHED', 1]),
      aSample(4000, [rs2, 'TIME_WAIT', 1]),
    ];
    expect(when(samples).outcome).to.equal('pass');
  });

  it('cannot tell while handshakes are younger than 3 s', () => {
    const sample = aSample(1000, [rs2, 'SYN_RECV', 30]);
    expect(when([sample, sample]).outcome).to.equal('error');
    expect(when([sample, sample], {}).outcome, 'nobody timed out').to.equal('pass');
  });

  it('cannot tell from one sample', () => {
    expect(when([aSample(500)]).outcome).to.equal('error');
    expect(when([]).outcome).to.equal('error');
  });
});
