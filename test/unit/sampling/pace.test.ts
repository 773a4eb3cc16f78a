import { expect } from 'chai';
import { CostModel } from '../../../lib/sampling/cost.ts';
import { Pace } from '../../../lib/sampling/pace.ts';

/** CPU time of reading so many rows: a kernel that walks from the start for each page, and one that does not. */
const quadraticMs = (rows: number) => 0.3 + rows * 0.002 + (rows * rows) / 62 / 2 / 1e5;
const linearMs = (rows: number) => 0.3 + rows * 0.002;
const options = { intervalMs: 500, levelsIntervalMs: 200, budgetShare: 0.02 };

interface Lived {
  readonly spentMs: number;
  readonly levels: number;
  readonly wholes: number;
  readonly parts: readonly number[];
  readonly longestMs: number;
  readonly tooLarge: boolean;
}

/** A minute or more of a table whose size changes, on a clock of its own. */
function live(sizeAt: (atMs: number) => number, tableMs: (rows: number) => number, forMs = 60_000, hidden = 0): Lived {
  const pace = new Pace(options, 0);
  let nowMs = 0;
  let rows = pace.rows();
  const seen = { spentMs: 0, levels: 0, wholes: 0, parts: [] as number[], longestMs: 0 };
  while (nowMs < forMs) {
    const size = sizeAt(nowMs);
    const inTable = size + hidden;
    const read = Math.min(rows, inTable);
    const costMs = 0.4 + (rows === 0 ? 0 : tableMs(read));
    const extent = rows === 0 ? 'levels' : read < inTable ? 'part' : 'whole';
    pace.take({ requestedAtMs: nowMs, extent, rows: rows === 0 ? 0 : read, size, costMs });
    seen.spentMs += costMs;
    seen.longestMs = Math.max(seen.longestMs, costMs);
    if (extent === 'levels') seen.levels++;
    else if (extent === 'whole') seen.wholes++;
    else seen.parts.push(read);
    const plan = pace.next();
    nowMs = Math.max(plan.atMs, nowMs + costMs);
    rows = plan.rows;
  }
  return { ...seen, tooLarge: pace.tooLarge };
}

describe('pace', () => {
  for (const size of [0, 100, 1000, 10_000, 100_000, 500_000, 2_000_000])
    for (const [kernel, tableMs] of [
      ['quadratic', quadraticMs],
      ['linear', linearMs],
    ] as const)
      it(`stays in its budget with ${size} entries on a ${kernel} kernel`, () => {
        const { spentMs, levels, wholes, parts } = live(() => size, tableMs);
        expect(spentMs).to.be.at.most(0.021 * 60_000);
        expect(levels).to.be.above(100);
        expect(wholes + parts.length).to.be.above(3);
      });

  it('reads a small table as often as it was asked to', () => {
    expect(live(() => 100, quadraticMs).wholes).to.be.within(110, 121);
  });

  it('reads the table less often as it grows, and the whole of it as long as that fits', () => {
    const at = (size: number) => live(() => size, quadraticMs);
    const [few, more, many] = [at(2000), at(10_000), at(40_000)];
    expect(few.wholes).to.be.above(more.wholes);
    expect(more.wholes).to.be.above(many.wholes);
    expect(many.wholes).to.be.above(2);
    expect(many.tooLarge).to.equal(false);
  });

  it('reads a part of a table that is too large, and says so; a kernel that is linear lets it read the whole', () => {
    const large = live(() => 500_000, quadraticMs);
    expect(large).to.include({ wholes: 0, tooLarge: true });
    expect(large.longestMs).to.be.below(100);
    expect(large.parts.length).to.be.above(20);
    expect(Math.max(...large.parts)).to.be.above(4000);
    expect(live(() => 200_000, linearMs, 120_000)).to.include({ tooLarge: false });
    expect(live(() => 200_000, linearMs, 120_000).wholes).to.be.above(2);
  });

  it('is not caught by a table that grows from nothing between two readings', () => {
    const flood = live((atMs) => (atMs < 10_000 ? 50 : 500_000), quadraticMs);
    expect(flood.longestMs).to.be.below(600);
    expect(flood.spentMs).to.be.at.most(0.021 * 60_000);
    expect(flood.tooLarge).to.equal(true);
  });

  it('reads the whole again when the table has shrunk', () => {
    const { wholes, tooLarge } = live((atMs) => (atMs < 30_000 ? 500_000 : 100), quadraticMs, 120_000);
    expect(tooLarge).to.equal(false);
    expect(wholes).to.be.above(50);
  });

  it('learns of rows that the kernel does not count: entries of peers, templates', () => {
    const { longestMs, spentMs, parts } = live(() => 0, quadraticMs, 300_000, 500_000);
    expect(longestMs).to.be.below(1000);
    expect(spentMs).to.be.at.most(0.021 * 300_000);
    expect(parts.length).to.be.above(20);
  });
});

describe('the cost of a reading', () => {
  it('is found from two readings, linear and quadratic', () => {
    const model = new CostModel();
    expect(model.known).to.equal(false);
    for (const rows of [5000, 20_000]) model.learn(rows, rows * 0.002 + rows * rows * 1e-7);
    expect(model.costMs(100_000)).to.be.closeTo(1200, 1);
    expect(model.rowsFor(1200)).to.be.closeTo(100_000, 100);
  });

  it('is not taken for linear while all readings were alike', () => {
    const model = new CostModel();
    model.learn(5000, 10);
    model.learn(5010, 10);
    expect(model.costMs(50_000)).to.be.closeTo(550, 10);
  });

  it('is never negative, and tells nothing of a handful of rows', () => {
    const model = new CostModel();
    model.learn(3, 50);
    expect(model.known).to.equal(false);
    model.learn(5000, 20);
    model.learn(20_000, 10);
    for (const rows of [1, 1000, 100_000]) expect(model.costMs(rows)).to.be.at.least(0);
    expect(model.rowsFor(100)).to.be.above(0);
  });
});
