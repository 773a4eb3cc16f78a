import { expect } from 'chai';
import { baselineOf } from '../../../lib/comparison/baseline.ts';
import { usualTolerance } from '../../../lib/comparison/compare.ts';
import { figureChanges } from '../../../lib/comparison/figures.ts';
import type { FigureChange } from '../../../lib/model/comparison.ts';
import type { LoadResult } from '../../../lib/model/load-result.ts';
import type { Verdict } from '../../../lib/model/verdict.ts';
import { aLatency, aLoad } from '../../builders.ts';
import { seeded } from '../../../lib/distribution/random.ts';
import { healthy } from '../../golden/records.ts';
import { recorded } from './recorded.ts';

/** 20,000 answers, the same each time. */
const latency = (medianMs: number) => recorded(seeded(11), 20_000, medianMs);

/** 20 seconds, 1,000 answers in each, 2.4 ms. */
function long(change: Partial<LoadResult> = {}): LoadResult {
  return aLoad({
    durationMs: 20_000,
    requested: 20_000,
    sent: 20_000,
    answered: 20_000,
    connections: 20_000,
    rateRps: 1000,
    connect: latency(0.62),
    total: latency(2.4),
    timeline: steady(1000),
    ...change,
  });
}

function steady(rate: number): LoadResult['timeline'] {
  return Array.from({ length: 20 }, (_, second) => ({
    atMs: second * 1000,
    answered: rate + ((second * 7) % 5) * 10 - 20,
    failed: 0,
  }));
}

function figures(
  before: readonly LoadResult[],
  after: readonly LoadResult[],
  verdicts: readonly Verdict[] = [],
): readonly FigureChange[] {
  const of = (load: readonly LoadResult[], more: readonly Verdict[] = []) =>
    baselineOf({ ...healthy(), load, verdicts: [...healthy().verdicts, ...more] });
  return figureChanges(of(before), of(after, verdicts), usualTolerance);
}

const named = (all: readonly FigureChange[], metric: string) => all.find((one) => one.metric === metric);

describe('figures of a load, before and after', () => {
  it('of the same load are the same', () => {
    const all = figures([long()], [long()]);
    expect(all.map(({ metric }) => metric)).to.deep.equal([
      'errors.rate',
      'rate',
      'connect.p50',
      'connect.p99',
      'total.p50',
      'total.p99',
    ]);
    expect(all.filter(({ outcome }) => outcome !== 'same')).to.deep.equal([]);
  });

  it('requests that fail are worse, and gone they are better', () => {
    const failing = long({ answered: 19_000, failed: 1000 });
    expect(named(figures([long()], [failing]), 'errors.rate')).to.include({ outcome: 'worse', before: 0, after: 0.05 });
    expect(named(figures([failing], [long()]), 'errors.rate')).to.include({ outcome: 'better' });
  });

  it('a single failure of 300 is no difference, and no equality', () => {
    const one = named(figures([aLoad()], [aLoad({ answered: 299, failed: 1 })]), 'errors.rate');
    expect(one).to.include({ outcome: 'could-not-tell', suspect: true });
    expect(named(figures([aLoad()], [aLoad()]), 'errors.rate')).to.include({ outcome: 'same' });
  });

  it('a load that sent nothing has no share of failures', () => {
    const nothing = long({ sent: 0, answered: 0, connections: 0 });
    expect(named(figures([nothing], [long()]), 'errors.rate')).to.include({
      outcome: 'could-not-tell',
      reason: 'the earlier load sent nothing',
    });
  });

  it('half as slow again is worse, and a twentieth is not', () => {
    const slower = (by: number) => long({ total: latency(2.4 * by) });
    expect(named(figures([long()], [slower(1.5)]), 'total.p50')).to.include({ outcome: 'worse' });
    expect(named(figures([slower(1.5)], [long()]), 'total.p50')).to.include({ outcome: 'better' });
    expect(named(figures([long()], [slower(1.05)]), 'total.p50')).to.include({ outcome: 'same' });
  });

  it('a large share of very little is nothing', () => {
    const quick = (ms: number) => long({ connect: latency(ms) });
    expect(named(figures([quick(0.06)], [quick(0.12)]), 'connect.p50')).to.include({
      outcome: 'same',
      reason: 'less than 0.2 ms either way',
    });
  });

  it('a rate that falls is worse, and one of a few seconds cannot be told', () => {
    const slow = long({ rateRps: 700, timeline: steady(700) });
    expect(named(figures([long()], [slow]), 'rate')).to.include({ outcome: 'worse' });
    const few = { timeline: steady(1000).slice(0, 9) };
    expect(named(figures([long(few)], [long({ ...few, rateRps: 500 })]), 'rate')).to.include({
      outcome: 'could-not-tell',
      suspect: true,
      reason: '7 full seconds of load show no spread: it takes 8',
    });
  });

  it('a short load shows one moment, whatever its interval', () => {
    const short = { durationMs: 900 };
    const slow = named(figures([long(short)], [long({ ...short, total: latency(9) })]), 'total.p50');
    expect(slow).to.include({ outcome: 'could-not-tell', reason: 'a load of 0.90 s shows one moment: it takes 10 s' });
    expect(slow).to.not.have.any.keys('suspect', 'interval');
  });

  it('other loads, clients and generators are not compared', () => {
    const reasonOf = (after: LoadResult, verdicts: readonly Verdict[] = []) =>
      named(figures([long()], [after], verdicts), 'total.p50')?.reason;
    expect(reasonOf(long({ requested: 40_000 }))).to.equal('not the same load: 20000 requests before, 40000 now');
    expect(reasonOf(long({ engine: 'autocannon' }))).to.match(/^not the same load: connection before/);
    expect(reasonOf(long({ client: 'client2' }))).to.equal('not the same client: client1 before, client2 now');
    const [model] = healthy().verdicts;
    if (model === undefined) throw new RangeError('the healthy run has verdicts');
    const limit: Verdict = {
      ...model,
      check: 'traffic/generator',
      subject: { host: 'client1', service: 'web' },
      outcome: 'warn',
    };
    expect(reasonOf(long(), [limit])).to.equal('the generator may have been the limit in the later run');
  });

  it('a load that only one of the runs has is said to be missing', () => {
    expect(figures([], [long()])).to.have.length(1);
    expect(figures([], [long()])[0]).to.not.have.property('suspect');
    expect(figures([long()], [])[0]).to.include({
      outcome: 'could-not-tell',
      suspect: true,
      reason: 'the later run has no such load',
    });
  });

  it('an open loop is compared by corrected latency and late requests, not by the rate it was given', () => {
    const openLoop = { arrivals: 'constant', offeredRps: 1000, achievedRps: 1000, lateSends: 0 } as const;
    const open = (lateSends: number) =>
      long({
        corrected: latency(2.6),
        openLoop: { ...openLoop, lateSends, lateAfterMs: 10, waitedForPlace: 0, stages: [] },
      });
    const all = figures([open(0)], [open(900)]);
    expect(all.map(({ metric }) => metric))
      .to.include.members(['late.rate', 'corrected.p99'])
      .and.not.include('rate');
    expect(named(all, 'late.rate')).to.include({ outcome: 'worse', after: 0.045 });
  });

  it('one search for the capacity shows no spread', () => {
    const search = (rateRps: number) => long({ capacity: { rateRps, limitedBy: 'cluster', reason: '', steps: [] } });
    expect(named(figures([search(9000)], [search(4000)]), 'capacity')).to.include({
      outcome: 'could-not-tell',
      suspect: true,
    });
    expect(named(figures([search(9000)], [search(8900)]), 'capacity')).to.not.have.property('suspect');
  });

  it('a record whose latency was counted of few answers says how many it takes', () => {
    const few = aLatency({ count: 300 });
    expect(named(figures([long({ total: few })], [long({ total: few })]), 'total.p99')).to.include({
      outcome: 'could-not-tell',
      reason: '300 answers do not bound a 1 in 100: it takes 700',
    });
  });
});
