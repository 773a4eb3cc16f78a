import { expect } from 'chai';
import type { CapacitySearch } from '../../../lib/model/cluster.ts';
import type { EndReading } from '../../../lib/model/ends.ts';
import type { LoadResult } from '../../../lib/model/load-result.ts';
import { atRate, confirmed, searchCapacity } from '../../../lib/run/capacity-search.ts';
import { loadPlan } from '../../../lib/run/load-plan.ts';
import { aClient, aLatency, aLoad, aProfile, aRealServer, aService, theEnds } from '../../builders.ts';

const search: CapacitySearch = {
  startRps: 50,
  ceilingRps: 10_000,
  stepMs: 1000,
  errorsRate: 0,
  lateRate: 0.01,
  latencyMs: 500,
};

/** A service that carries so many requests a second, and above it fails as `over` says. */
function service(capacityRps: number, over: Partial<LoadResult>, ends: readonly EndReading[] = theEnds()) {
  const rates: number[] = [];
  const measure = (rateRps: number) => {
    rates.push(rateRps);
    return Promise.resolve({ load: aLoad(rateRps > capacityRps ? over : {}), ends });
  };
  return { rates, measure };
}
const failing: Partial<LoadResult> = {
  answered: 290,
  failed: 10,
  errors: { rate: 1 / 30, byKind: { 'connect-timeout': 10 }, examples: [] },
};

describe('search for the capacity', () => {
  it('doubles the rate until one does not hold, then halves the distance, to a tenth', async () => {
    const { rates, measure } = service(430, failing);
    const found = await searchCapacity(search, measure);
    expect(rates.slice(0, 5)).to.deep.equal([50, 100, 200, 400, 800]);
    expect(found.rateRps).to.be.within(390, 430);
    expect(found).to.include({ limitedBy: 'cluster' });
    expect(found.reason).to.include('3.3% of the requests failed');
    expect(found.steps.map(({ held }) => held)).to.include.members([true, false]);
  });

  it('tells slow answers and late requests from failures', async () => {
    const slow = await searchCapacity(search, service(100, { corrected: aLatency({ p99Ms: 800 }) }).measure);
    expect(slow.reason).to.include('the 99th percentile was 800 ms');
    const openLoop = {
      arrivals: 'constant',
      offeredRps: 200,
      achievedRps: 150,
      lateSends: 60,
      lateAfterMs: 10,
      waitedForPlace: 60,
      stages: [],
    } as const;
    const late = await searchCapacity(search, service(100, { openLoop }).measure);
    expect(late).to.include({ limitedBy: 'cluster', rateRps: 100 });
    expect(late.reason).to.include('20% were begun late');
  });

  it('says when the generator was the limit', async () => {
    const over = { ...failing, generator: { cpuShare: 1, eventLoopDelayP99Ms: 5 } };
    const found = await searchCapacity(search, service(100, over).measure);
    expect(found).to.include({ limitedBy: 'generator' });
    expect(found.reason).to.include('100% of a core');
  });

  it('names the one real server whose listener was full', async () => {
    const full = theEnds({ rs2: { counts: { accepted: 100, listenDrops: 12 } } });
    const found = await searchCapacity(search, service(100, failing, full).measure);
    expect(found).to.include({ limitedBy: 'real-server', realServer: 'rs2' });
    const all = theEnds({ rs1: { counts: { listenDrops: 9 } }, rs2: { counts: { listenDrops: 12 } } });
    expect(await searchCapacity(search, service(100, failing, all).measure)).to.include({ limitedBy: 'cluster' });
  });

  it('is bounded: by the ceiling, below, and in the number of rates', async () => {
    const ceiling = service(1e9, failing);
    expect(await searchCapacity({ ...search, ceilingRps: 300 }, ceiling.measure)).to.include({
      rateRps: 300,
      limitedBy: 'ceiling',
    });
    expect(ceiling.rates).to.deep.equal([50, 100, 200, 300]);
    const dead = service(0, { ...failing, answered: 0 });
    const none = await searchCapacity(search, dead.measure);
    expect(none).to.not.have.property('rateRps');
    expect(Math.min(...dead.rates)).to.be.at.least(1);
    const odd = service(300, failing);
    expect(
      (await searchCapacity({ ...search, startRps: 1, ceilingRps: 1e12 }, odd.measure)).steps.length,
    ).to.be.at.most(16);
  });

  it('ends when the run is interrupted, with what it found', async () => {
    let calls = 0;
    const found = await searchCapacity(search, () =>
      Promise.resolve({ load: aLoad(++calls > 2 ? { stopped: 'interrupted' } : {}), ends: [] }),
    );
    expect(found).to.include({ rateRps: 100, limitedBy: 'interrupted' });
    expect(found.steps).to.have.length(2);
  });

  it('drives each rate as an open loop, and confirms a tenth below what held', () => {
    const plan = loadPlan(aService([aRealServer(1)]), aClient(), aProfile({ capacity: search }));
    const { profile } = atRate(plan, search, 400);
    expect(profile.openLoop?.stages).to.deep.equal([{ fromRps: 400, toRps: 400, durationMs: 1000 }]);
    expect(profile).to.include({ requests: 400 }).and.not.have.property('capacity');
    const rateOf = (rateRps?: number) =>
      confirmed(plan, { limitedBy: 'cluster', reason: '', steps: [], ...(rateRps === undefined ? {} : { rateRps }) })
        .profile.openLoop?.stages[0]?.toRps;
    expect(rateOf(400)).to.equal(360);
    expect(rateOf()).to.equal(1);
  });
});
