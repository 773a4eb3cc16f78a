import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { expect } from 'chai';

import { parseCluster } from '../../../lib/config/load.ts';
import { readJournal } from '../../../lib/run/journal.ts';
import { Run } from '../../../lib/run/run.ts';
import { pairsOf } from '../../../suites/catalogue.ts';
import { localText } from '../bundle/a-run.ts';
import { today } from '../config/cluster-text.ts';

describe('a run that begins before who judges is there', function () {
  this.timeout(60_000);
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ipvet-test-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function made() {
    const cluster = parseCluster(localText, join(folder, 'cluster.yaml'), { today });
    const run = new Run({
      cluster,
      command: 'check',
      version: '0.0.1',
      outDirectory: folder,
      allow: { traffic: false, change: false },
      stages: ['pre', 'post'],
      limit: ['director1', 'rs1'],
      failOn: 'fail',
    });
    return { run, pairs: pairsOf(cluster) };
  }

  async function judgedBy({ run, pairs }: ReturnType<typeof made>) {
    const inOrder = (['pre', 'post'] as const).flatMap((stage) => pairs.filter(({ check }) => check.stage === stage));
    const planned = inOrder.filter(({ check, subject }) => run.plan(check, subject));
    const verdicts = [];
    for (const { check, subject } of planned) verdicts.push(await run.judge(check, subject));
    const record = await run.finish();
    expect(record.verdicts).to.have.length(planned.length);
    const stages = record.verdicts.map(({ stage }) => stage);
    expect(stages.lastIndexOf('pre'), 'stage by stage').to.be.lessThan(stages.indexOf('post'));
    return verdicts.map(({ check, subject, outcome }) => `${check} ${subject.host ?? ''} ${outcome}`);
  }

  const typesIn = (run: Run) => readJournal(join(run.directory, 'events.ndjson')).map(({ type }) => type);
  const countOf = (types: readonly string[], wanted: string) => types.filter((type) => type === wanted).length;

  it('asks each host once, after the plan is told, and comes to the same verdicts', async () => {
    const ahead = made();
    ahead.run.begin(ahead.pairs);
    const early = await judgedBy(ahead);
    const types = typesIn(ahead.run);
    expect(countOf(types, 'planned')).to.equal(1);
    expect(types.indexOf('planned')).to.be.lessThan(types.indexOf('facts-collected'));
    const late = made();
    expect(early).to.deep.equal(await judgedBy(late));
    expect(countOf(types, 'facts-collected')).to.equal(countOf(typesIn(late.run), 'facts-collected'));
    expect(early.length).to.be.greaterThan(50);
  });

  for (const afterMs of [0, 30, 500])
    it(`judges nothing once it was interrupted, ${afterMs} ms after it began`, async () => {
      const { run, pairs } = made();
      run.begin(pairs);
      await setTimeout(afterMs);
      run.interrupt('SIGINT');
      const outcomes = new Set((await judgedBy({ run, pairs })).map((line) => line.split(' ').at(-1)));
      expect([...outcomes]).to.deep.equal(['not-run']);
    });
});
