import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { expect } from 'chai';

import { parseCluster } from '../../../lib/config/load.ts';
import { type Listener, readJournal } from '../../../lib/run/journal.ts';
import { Run } from '../../../lib/run/run.ts';
import { pairsOf } from '../../../suites/catalogue.ts';
import { localText } from '../bundle/a-run.ts';
import { today } from '../config/cluster-text.ts';

describe('a run that judges without mocha', function () {
  this.timeout(60_000);
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ipvet-test-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function made(onEvent: Listener = () => undefined) {
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
      onEvent,
    });
    return { run, pairs: pairsOf(cluster) };
  }

  /** The whole plan first, stage by stage. */
  async function asTheSuites({ run, pairs }: ReturnType<typeof made>): Promise<void> {
    const inOrder = (['pre', 'post'] as const).flatMap((stage) => pairs.filter(({ check }) => check.stage === stage));
    const planned = inOrder.filter(({ check, subject }) => run.plan(check, subject));
    for (const { check, subject } of planned) await run.judge(check, subject);
  }

  async function outcomesOf(run: Run): Promise<readonly string[]> {
    const { verdicts } = await run.finish();
    return verdicts.map(({ check, subject, outcome }) => `${check} ${subject.host ?? ''} ${outcome}`);
  }

  const typesIn = (run: Run) => readJournal(join(run.directory, 'events.ndjson')).map(({ type }) => type);

  it('comes to the same verdicts in the same order as the suites, and asks as often', async () => {
    const [alone, suites] = [made(), made()];
    await alone.run.judgeAll(alone.pairs);
    await asTheSuites(suites);
    const outcomes = await outcomesOf(alone.run);
    expect(outcomes).to.deep.equal(await outcomesOf(suites.run));
    expect(outcomes.length).to.be.greaterThan(80);
    expect(typesIn(alone.run).sort()).to.deep.equal(typesIn(suites.run).sort());
  });

  for (const afterMs of [0, 30])
    it(`judges nothing more once it was interrupted, ${afterMs} ms after it began`, async () => {
      const { run, pairs } = made();
      const judged = run.judgeAll(pairs);
      await setTimeout(afterMs);
      run.interrupt('SIGINT');
      await judged;
      const outcomes = (await outcomesOf(run)).map((line) => line.split(' ').at(-1));
      expect(outcomes).to.include('not-run').and.not.include('pass').and.not.include('fail');
    });

  it('hears an interruption between two checks, when all facts are there', async () => {
    let answered = false;
    const { run, pairs } = made((event) => {
      if (event.type === 'stage-ended' && event.name === 'facts') answered = true;
      else if (event.type === 'verdict' && answered) {
        answered = false;
        setImmediate(() => {
          run.interrupt('SIGINT');
        });
      }
    });
    await run.judgeAll(pairs);
    const outcomes = (await outcomesOf(run)).map((line) => line.split(' ').at(-1));
    expect(outcomes).to.include('pass').and.to.include('not-run');
  });
});
