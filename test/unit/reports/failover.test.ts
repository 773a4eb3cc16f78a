import { expect } from 'chai';
import { projectedAvailability, spread } from '../../../lib/model/availability.ts';
import type { Failover, Transition } from '../../../lib/model/failover.ts';
import { drillCells, drillRows, projection, worstOf } from '../../../reports/failover.ts';
import { words } from '../../../reports/language/index.ts';
import { renderMarkdown } from '../../../reports/markdown.ts';
import { sentence } from '../../../reports/summary.ts';
import { renderText } from '../../../reports/text.ts';
import { caseNamed } from '../../golden/cases.ts';
import { failoverRun } from '../../golden/drills.ts';

const went = (outageMs: number): Transition => ({
  beganMs: 0,
  endedMs: 8000,
  outageMs,
  longestGapMs: outageMs,
  endless: false,
  probes: 800,
  failed: outageMs / 10,
  errors: outageMs === 0 ? {} : { 'connect-timeout': outageMs / 10 },
  phases: [{ name: 'detect', fromMs: 100, toMs: 700 }],
  predicted: { reaction: { minMs: 609, maxMs: 1109 }, outage: { minMs: 609, maxMs: 1109 }, because: ['skew'] },
});
const drill = (repeat: number, outageMs: number, change: Partial<Failover> = {}): Failover => ({
  scenario: 'stop-keepalived',
  service: 'web',
  load: 'low',
  hosts: ['director1'],
  repeat,
  of: 3,
  startedAt: '2026-11-29T17:00:00.000Z',
  outcome: 'pass',
  takeover: went(outageMs),
  failback: { ...went(0), beganMs: 8000, endedMs: 20_000, phases: [{ name: 'detect', fromMs: 8000, toMs: 11_600 }] },
  connections: { survived: 7, reset: 1, hung: 0, endedMs: [700] },
  sorry: 0,
  availability: 0.96,
  timeline: [],
  client: { fromMs: 0, answered: [], failed: [] },
  loadAverage: 0.4,
  ...change,
});
const drills = [
  drill(1, 630),
  drill(2, 900),
  drill(3, 610),
  drill(1, 0, { scenario: 'kill-keepalived', outcome: 'fail', reason: 'nobody took over' }),
];

describe('drills in words', () => {
  it('are one row for each scenario under each load, with least, median and most', () => {
    const [stopped, killed] = drillRows(drills);
    expect(stopped).to.include({
      times: 3,
      outcome: 'pass',
      measured: '610 ms / 630 ms / 900 ms',
      predicted: '609 ms to 1.11 s',
      detected: '600 ms',
      kept: '21 survived, 3 reset, 0 hung',
      errors: 'connect-timeout 214',
    });
    expect(killed).to.deep.include({ outcome: 'fail', measured: '0 ms', reasons: ['nobody took over'] });
    expect(drillRows([drill(1, 0), drill(1, 0, { load: 'high' })])).to.have.length(2);
    expect(drillRows(drills).map(drillCells)[0]).to.have.length(words().failover.columns.length);
  });

  it('tell which kept connections broke on the way back', () => {
    const late = {
      connections: { survived: 1, reset: 7, hung: 0, endedMs: [700, 8100, ...Array<number>(5).fill(11_700)] },
    };
    expect(drillRows([drill(1, 630, late)])[0]?.kept).to.equal(
      '1 survived, 7 reset, 0 hung (5 of them on the way back)',
    );
  });

  it('are in the text and in Markdown', () => {
    const record = { ...caseNamed('healthy'), verdicts: [], failovers: drills.slice(0, 3), problems: [] };
    expect(renderText(record, { color: false }))
      .to.contain('Failover  stop-keepalived, low load, 3 times: as predicted')
      .and.contain('The service came back in all 3 drills.')
      .and.not.contain('none planned');
    expect(renderMarkdown(record)).to.contain('## Failover').and.contain('610 ms / 630 ms / 900 ms');
    const failed = { ...record, verdict: 'fail' as const, failovers: drills };
    expect(renderText(failed, { color: false })).to.contain('kill-keepalived: nobody took over');
  });

  it('are Chinese in a Chinese summary, and say so in one sentence', () => {
    const text = renderText(failoverRun(), { color: false, language: 'zh-CN', width: 200 });
    expect(text)
      .to.match(/^切换 +stop-keepalived，低负载，3 次：符合预测$/m)
      .and.to.contain('推算');
    expect(text).to.not.match(/Failover|outage|Projected/);
    const passed = failoverRun(failoverRun().failovers.slice(0, 5));
    expect(renderText(passed, { color: false, language: 'zh-CN', width: 200 })).to.contain(
      '5 次演练中服务均已恢复，其中 1 次不符合预测',
    );
  });

  it('without a verdict say why in the sentence of the run', () => {
    const reason = 'the cluster did not become stable again';
    const record = {
      ...failoverRun([drill(1, 0, { outcome: 'inconclusive', reason })]),
      verdict: 'inconclusive' as const,
    };
    expect(sentence(record)).to.equal(`1 drill made, without a verdict: ${reason}.`);
    const cut = {
      ...failoverRun([drill(1, 0)]),
      verdict: 'inconclusive' as const,
      problems: [{ code: 'X', message: 'no more' }],
    };
    expect(sentence(cut)).to.equal('1 drill made, and then no more: no more.');
  });

  it('are told by the worst of them, and of these by the longest outage', () => {
    expect(worstOf(drills)?.scenario).to.equal('kill-keepalived');
    expect(worstOf(drills.slice(0, 3))?.repeat).to.equal(2);
    expect(worstOf([])).to.equal(undefined);
  });

  it('name those that could not be made, and why', () => {
    const undone = { scenario: 'real-server-drained', reason: 'rs1 has weight 0 already' } as const;
    const record = { ...caseNamed('healthy'), verdicts: [], failovers: drills.slice(0, 3), problems: [] };
    const told = 'real-server-drained was not done: rs1 has weight 0 already';
    const one = { ...record, failoversNotDone: [{ ...undone, asked: false }] };
    expect(renderText(one, { color: false }))
      .to.contain(told)
      .and.contain('came back in all 3 drills');
    expect(renderMarkdown(one)).to.contain(told);
    const asked = { ...one, verdict: 'inconclusive' as const, failoversNotDone: [{ ...undone, asked: true }] };
    expect(sentence(asked)).to.equal(`${told}.`);
  });

  it('say how much of a year a failure a month takes', () => {
    expect(projection([])).to.equal(undefined);
    expect(projection(drills)).to.match(/median of all drills, 620 ms .* leaves 99\.99998 % of a year/);
  });
});

describe('availability', () => {
  it('is the share of the year that is left', () => {
    expect(projectedAvailability(0, 12)).to.equal(1);
    expect(projectedAvailability(3_155_760, 10)).to.be.closeTo(0.999, 1e-6);
    expect(projectedAvailability(1000, 0)).to.equal(1);
  });

  it('has a middle also of an even number, and none of nothing', () => {
    expect(spread([4, 1, 3, 2])).to.deep.equal({ min: 1, median: 2.5, max: 4 });
    expect(spread([])).to.equal(undefined);
  });
});
