import { expect } from 'chai';
import fc from 'fast-check';
import { bucketsOf, outageOf, phasesOf } from '../../../lib/failover/outage.ts';
import type { Probe } from '../../../lib/model/failover.ts';

/** A probe every 10 ms from 0 on, all answered but those begun in the gaps. */
function probes(untilMs: number, ...gaps: readonly (readonly [fromMs: number, toMs: number])[]): readonly Probe[] {
  return Array.from({ length: untilMs / 10 }, (_, index) => {
    const atMs = index * 10;
    const failed = gaps.some(([fromMs, toMs]) => atMs >= fromMs && atMs < toMs);
    return { atMs, outcome: failed ? ('connect-timeout' as const) : ('answered' as const), tookMs: failed ? 900 : 2 };
  });
}

describe('outage from probes', () => {
  it('lasts from the first failed probe to the first answered one after the last failure', () => {
    const seen = outageOf(probes(5000, [1000, 1600], [1700, 1800]), 0, 5000);
    expect(seen).to.deep.equal({
      outageMs: 800,
      longestGapMs: 610,
      firstFailureMs: 1000,
      steadyMs: 1800,
      endless: false,
      probes: 500,
      failed: 70,
      errors: { 'connect-timeout': 70 },
    });
  });

  it('is none where none failed, and endless where none was answered any more', () => {
    expect(outageOf(probes(1000), 0, 1000)).to.include({ outageMs: 0, endless: false, failed: 0 });
    expect(outageOf(probes(1000, [400, 1000]), 0, 1000)).to.include({
      outageMs: 600,
      endless: true,
      longestGapMs: 610,
    });
    expect(outageOf([], 0, 1000)).to.include({ outageMs: 0, probes: 0, longestGapMs: 0, endless: false });
  });

  it('counts only what was begun in its time', () => {
    expect(outageOf(probes(3000, [500, 900], [2000, 2100]), 1000, 3000)).to.include({
      firstFailureMs: 2000,
      outageMs: 100,
    });
  });

  it('does not depend on the order in which probes ended, and finds a gap wherever it is', () => {
    const gap = fc.tuple(fc.integer({ min: 0, max: 280 }), fc.integer({ min: 1, max: 100 }));
    fc.assert(
      fc.property(gap, fc.integer(), ([from, length], seed) => {
        const fromMs = from * 10;
        const all = probes(4000, [fromMs, fromMs + length * 10]);
        const mixed = all.toSorted(
          (one, other) => ((one.atMs * 7919 + seed) % 101) - ((other.atMs * 7919 + seed) % 101),
        );
        const seen = outageOf(mixed, 0, 4000);
        expect(seen).to.deep.equal(outageOf(all, 0, 4000));
        expect(seen.outageMs).to.equal(length * 10);
        expect(seen.failed).to.equal(length);
        expect(seen.longestGapMs).to.be.at.least(seen.outageMs);
      }),
    );
  });
});

describe('phases', () => {
  it('follow each other from the step to the last failure', () => {
    const all = probes(5000, [1000, 1600], [1700, 1800]);
    expect(phasesOf(all, { fromMs: 990, toMs: 5000, reactedMs: 1550 })).to.deep.equal([
      { name: 'detect', fromMs: 990, toMs: 1550 },
      { name: 'converge', fromMs: 1550, toMs: 1600 },
      { name: 'settle', fromMs: 1600, toMs: 1800 },
    ]);
  });

  it('are the first alone where no client noticed, and none where nothing reacted', () => {
    expect(phasesOf(probes(5000), { fromMs: 0, toMs: 5000, reactedMs: 3000 })).to.deep.equal([
      { name: 'detect', fromMs: 0, toMs: 3000 },
    ]);
    expect(phasesOf(probes(5000, [1000, 2000]), { fromMs: 0, toMs: 5000 })).to.deep.equal([]);
    expect(phasesOf(probes(5000), { fromMs: 0, toMs: 5000, reactedMs: 6000 })).to.deep.equal([]);
  });

  it('never overlap nor run backwards', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 0, max: 4000 }),
        (from, length, reactedMs) => {
          const all = probes(4000, [from * 10, (from + length) * 10]);
          const phases = phasesOf(all, { fromMs: 0, toMs: 4000, reactedMs });
          for (const [index, { fromMs, toMs }] of phases.entries()) {
            expect(toMs).to.be.at.least(fromMs);
            expect(fromMs).to.equal(phases[index - 1]?.toMs ?? 0);
          }
        },
      ),
    );
  });
});

describe('probes by tenth of a second', () => {
  it('are each in one of two counts', () => {
    const all = probes(1000, [200, 350]);
    const { fromMs, answered, failed, kinds } = bucketsOf(all, 0, 1000);
    expect(fromMs).to.equal(0);
    expect(failed).to.deep.equal([0, 0, 10, 5, 0, 0, 0, 0, 0, 0]);
    expect(kinds).to.deep.equal({ 'connect-timeout': failed });
    expect(answered.map((n, index) => n + (failed[index] ?? 0))).to.deep.equal(Array<number>(10).fill(10));
  });

  it('are told apart by how they failed', () => {
    const all = [
      { atMs: 0, outcome: 'reset', tookMs: 1 },
      { atMs: 110, outcome: 'connect-timeout', tookMs: 900 },
      { atMs: 120, outcome: 'reset', tookMs: 1 },
      { atMs: 130, outcome: 'answered', tookMs: 1 },
    ] as const;
    expect(bucketsOf(all, 0, 200)).to.deep.equal({
      fromMs: 0,
      answered: [0, 1],
      failed: [1, 2],
      kinds: { reset: [1, 1], 'connect-timeout': [0, 1] },
    });
    expect(bucketsOf(all, 130, 200).kinds).to.deep.equal({});
  });
});
