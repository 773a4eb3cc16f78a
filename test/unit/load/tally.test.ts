import { expect } from 'chai';
import { Tally } from '../../../lib/load/tally.ts';
import { aPlan } from './servers.ts';

describe('book of a load run', () => {
  const portsReused = (uses: readonly (readonly [atMs: number, port: number])[]): number | undefined => {
    const tally = new Tally(aPlan(80), 0);
    for (const [atMs, port] of uses) tally.port(atMs, port);
    const { portsReused: counted } = tally.result('connection', {
      source: '127.0.0.1',
      startedAt: new Date(0),
      stopped: undefined,
      generator: { cpuShare: 0, eventLoopDelayP99Ms: 0 },
    });
    return counted;
  };

  it('counts connections from a port that another one had shortly before', () => {
    expect(portsReused([])).to.equal(undefined);
    expect(
      portsReused([
        [0, 40_001],
        [1, 40_002],
        [2, 65_535],
      ]),
    ).to.equal(undefined);
    expect(
      portsReused([
        [0, 40_001],
        [1, 40_002],
        [50_000, 40_001],
        [100_000, 40_001],
        [130_000, 40_002],
      ]),
    ).to.equal(2);
  });

  it('has the median and the 99th percentile of each second, of all threads together, and none of a quiet one', () => {
    const [one, other] = [new Tally(aPlan(80), 0), new Tally(aPlan(80), 0)];
    for (let n = 1; n <= 100; n += 1) (n % 2 === 0 ? one : other).answer(500, 'rs1', n);
    one.failure(1500, 'reset', '', 0);
    other.answer(2500, 'rs1', 0.3);
    const whole = new Tally(aPlan(80), 0);
    whole.add(one.part());
    whole.add(other.part());
    const { timeline } = whole.result('connection', {
      source: '127.0.0.1',
      startedAt: new Date(0),
      stopped: undefined,
      generator: { cpuShare: 0, eventLoopDelayP99Ms: 0 },
    });
    const [first, quiet, last] = timeline;
    expect(first).to.include({ atMs: 0, answered: 100, failed: 0 });
    expect(first?.p50Ms).to.be.within(50, 51.1);
    expect(first?.p99Ms).to.be.within(99, 101.1);
    expect(quiet).to.deep.equal({ atMs: 1000, answered: 0, failed: 1 });
    expect(last?.p50Ms).to.be.within(0.3, 0.307);
  });
});
