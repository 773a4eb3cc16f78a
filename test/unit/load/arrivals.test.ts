import { expect } from 'chai';
import fc from 'fast-check';
import { type Arrival, Arrivals } from '../../../lib/load/arrivals.ts';
import type { OpenLoop } from '../../../lib/model/cluster.ts';

function all(openLoop: OpenLoop, seed = 1): Arrival[] {
  const arrivals = new Arrivals(openLoop, seed);
  const list: Arrival[] = [];
  for (let next = arrivals.next(); next !== undefined; next = arrivals.next()) list.push(next);
  return list;
}

describe('arrivals of an open loop', () => {
  const steady = (rate: number, durationMs: number) => ({ fromRps: rate, toRps: rate, durationMs });

  it('come evenly, the first at once', () => {
    const times = all({ arrivals: 'constant', stages: [steady(100, 1000)] }).map(({ atMs }) => atMs);
    expect(times).to.have.length(100);
    for (const [index, atMs] of times.entries()) expect(atMs).to.be.closeTo(index * 10, 1e-6);
  });

  it('follow a ramp: as many as the area under it, and ever closer', () => {
    const times = all({ arrivals: 'constant', stages: [{ fromRps: 0, toRps: 200, durationMs: 2000 }] });
    expect(times).to.have.length(200);
    // n requests are past after sqrt(2 n / slope): the hundredth of a slope of 100/s² after 1.414 s.
    expect(times[100]?.atMs).to.be.closeTo(1414.2, 0.1);
    const gaps = times.slice(2).map(({ atMs }, index) => atMs - (times[index + 1]?.atMs ?? 0));
    expect(gaps).to.deep.equal(gaps.toSorted((a, b) => b - a));
  });

  it('carry what a stage left over into the next', () => {
    const stages = Array.from({ length: 10 }, () => steady(15, 100));
    const times = all({ arrivals: 'constant', stages });
    expect(times).to.have.length(15);
    expect(times.at(-1)?.atMs).to.be.closeTo(933.3, 0.1);
    expect(times.at(-1)?.stage).to.equal(9);
  });

  it('stand still where the rate is nothing', () => {
    const stages = [steady(10, 500), steady(0, 1000), steady(10, 500)];
    const times = all({ arrivals: 'constant', stages }).map(({ atMs }) => atMs);
    expect(times.filter((atMs) => atMs >= 500 && atMs < 1500)).to.deep.equal([]);
    expect(times).to.have.length(10);
  });

  it('are random as a Poisson process is: mean and variance of counts, and of gaps', () => {
    const times = all({ arrivals: 'poisson', stages: [steady(1000, 50_000)] }, 7).map(({ atMs }) => atMs);
    // Standard deviation 224.
    expect(times.length).to.be.within(49_000, 51_000);
    const counts = Array.from({ length: 5000 }, () => 0);
    for (const atMs of times) counts[Math.floor(atMs / 10)] = (counts[Math.floor(atMs / 10)] ?? 0) + 1;
    const mean = times.length / counts.length;
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length;
    expect(variance / mean).to.be.within(0.9, 1.1);
    const long = times.filter((atMs, index) => index > 0 && atMs - (times[index - 1] ?? 0) > 1).length;
    expect(long / times.length).to.be.closeTo(Math.exp(-1), 0.01);
  });

  it('are the same for the same seed, and others for another', () => {
    const openLoop: OpenLoop = { arrivals: 'poisson', stages: [steady(100, 1000)] };
    expect(all(openLoop, 5)).to.deep.equal(all(openLoop, 5));
    expect(all(openLoop, 5)).not.to.deep.equal(all(openLoop, 6));
  });

  it('never go back in time or out of their stage', () => {
    const rate = fc.integer({ min: 0, max: 300 });
    const stage = fc.record({ fromRps: rate, toRps: rate, durationMs: fc.integer({ min: 1, max: 800 }) });
    fc.assert(
      fc.property(
        fc.array(stage, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('constant' as const, 'poisson' as const),
        fc.integer(),
        (stages, arrivals, seed) => {
          const list = all({ arrivals, stages }, seed);
          const area = stages.reduce(
            (sum, { fromRps, toRps, durationMs }) => sum + ((fromRps + toRps) * durationMs) / 2000,
            0,
          );
          if (arrivals === 'constant') expect(list.length).to.be.closeTo(area, 1.001);
          const ends = stages.map((_, index) =>
            stages.slice(0, index + 1).reduce((sum, { durationMs }) => sum + durationMs, 0),
          );
          for (const [index, { atMs, stage: at }] of list.entries()) {
            expect(atMs).to.be.at.least((list[index - 1]?.atMs ?? 0) - 1e-6);
            expect(atMs).to.be.within((ends[at - 1] ?? 0) - 1e-6, (ends[at] ?? 0) + 1e-6);
          }
        },
      ),
    );
  });
});
