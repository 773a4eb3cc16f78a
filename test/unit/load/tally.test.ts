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
});
