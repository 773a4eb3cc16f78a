import { expect } from 'chai';
import type { RunRecord } from '../../../lib/model/run-record.ts';
import { trendMarkdown, trendOf, trendText } from '../../../reports/trend.ts';
import { caseNamed } from '../../golden/cases.ts';
import { healthy } from '../../golden/records.ts';

const run = (id: string, startedAt: string, change: Partial<RunRecord> = {}): RunRecord => ({
  ...healthy(),
  id,
  startedAt,
  ...change,
});

describe('the trend of the last runs', () => {
  const last = caseNamed('nat-rs-gateway');

  it('has the runs of the cluster that came before, the oldest first, this one last', () => {
    const { cluster } = healthy();
    const others = [
      run('b', '2026-11-21T00:00:00.000Z'),
      run('a', '2026-11-20T00:00:00.000Z'),
      run('later', '2026-11-25T00:00:00.000Z'),
      run('other', '2026-11-21T00:00:00.000Z', { cluster: { ...cluster, name: 'mail' } }),
      last,
    ];
    expect(trendOf(last, others, 10).map(({ id }) => id)).to.deep.equal(['a', 'b', last.id]);
    expect(trendOf(last, others, 2).map(({ id }) => id)).to.deep.equal(['b', last.id]);
    expect(trendOf(last, [], 5)).to.have.length(1);
  });

  it('tells of each what it found and measured', () => {
    expect(trendOf(last, [], 1)[0]).to.deep.include({ verdict: 'fail', failed: 4, notEvaluated: 0 });
    expect(trendOf(last, [], 1)[0]?.load[0]).to.include({ service: 'web', profile: 'smoke', errorRate: 0.333 });
    expect(trendOf(caseNamed('unreachable'), [], 1)[0]).to.deep.include({ verdict: 'inconclusive', notEvaluated: 9 });
  });

  it('takes corrected latency where there is one, and none where nothing was answered', () => {
    const [load] = healthy().load;
    if (load?.total === undefined) throw new RangeError('the healthy run has a load');
    const corrected = { ...load.total, p50Ms: 99 };
    expect(trendOf(run('a', '2026', { load: [{ ...load, corrected }] }), [], 1)[0]?.load[0]?.p50Ms).to.equal(99);
    const { total: _total, ...silent } = load;
    expect(_total).to.not.equal(undefined);
    expect(trendText(trendOf(run('a', '2026', { load: [silent] }), [], 1))).to.match(/1,182\/s +– +– +0\.00 %/);
  });

  it('is a row a run, in text and Markdown', () => {
    const trend = trendOf(last, [run('a', '2026-11-20T00:00:00.000Z', { load: [] })], 5);
    const lines = trendText(trend).trimEnd().split('\n');
    expect(lines).to.have.length(4);
    expect(lines[2]).to.match(/^ {2}a +2026-11-20 00:00:00 UTC +PASS +0 +0 +none$/);
    expect(lines[3]).to.match(/FAIL +4 +0 +web \(smoke\) +47\.0\/s .*33\.30 %$/);
    expect(trendMarkdown(trend).trimEnd().split('\n')).to.have.length(6);
  });

  it('obeys nothing of a hostile run', () => {
    const trend = trendOf(caseNamed('hostile'), [], 1);
    for (const text of [trendText(trend), trendMarkdown(trend)])
      expect(text.replaceAll('\n', '')).to.not.match(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  });
});
