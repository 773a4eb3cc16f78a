import { expect } from 'chai';
import type { RunRecord } from '../../../lib/model/run-record.ts';
import { renderHtml } from '../../../reports/html/page.ts';
import { trendMarkdown, trendOf, trendText } from '../../../reports/trend.ts';
import { caseNamed } from '../../golden/cases.ts';
import { failoverRun } from '../../golden/drills.ts';
import { healthy } from '../../golden/records.ts';

const run = (id: string, startedAt: string, change: Partial<RunRecord> = {}): RunRecord => ({
  ...healthy(),
  id,
  startedAt,
  ...change,
});

function sectionOf(page: string): string {
  const from = page.indexOf('<section id="trend"');
  return page.slice(from, page.indexOf('</section>', from));
}

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

  it('is a section of the page where it was asked for, with a mark for each run and a row for each load', () => {
    const trend = trendOf(
      last,
      ['a', 'b', 'c'].map((id, day) =>
        run(id, `2026-11-1${day}T00:00:00.000Z`, {
          load: id === 'b' ? [] : last.load,
        }),
      ),
      10,
    );
    expect(renderHtml(last)).to.not.contain('id="trend"');
    const section = sectionOf(renderHtml(last, 'en', trend));
    expect(section).to.contain('The last 4 runs of this cluster');
    expect(section.match(/<tr>/g)).to.have.length(5);
    expect(section.match(/class="dot-p99"/g)).to.have.length(3);
    const lines = [...section.matchAll(/d="(M[^"]*L[^"]*)" class="line-p99"/g)].map(([, path = '']) => path);
    expect(lines.map((path) => path.match(/[ML]/g)?.join(''))).to.deep.equal(['MML']);
    expect(section.match(/height="[\d.]+"\s+class="failed"/g)).to.have.length(2);
    expect(section).to.contain('aria-label="Failed and not evaluated checks of 4 runs: 4 and 0 in the last.');
    expect(renderHtml(last, 'zh-CN', trend))
      .to.contain('趋势')
      .and.not.contain('Trend');
    expect(trendText(trend, 'zh-CN')).to.match(/^趋势\n +运行 +开始时间 +结论/);
  });

  it('counts drills with the checks', () => {
    expect(trendOf(failoverRun(), [], 1)[0]).to.include({ failed: 1, notEvaluated: 0 });
  });

  it('brings nothing of a hostile run into the page', () => {
    const hostile = caseNamed('hostile');
    const section = sectionOf(renderHtml(hostile, 'en', trendOf(hostile, [], 1)));
    expect(section).to.not.match(/<img|<script/);
  });
});
