/** What was observed under load is judged again; what was not is an error. Answers of hosts: test/unit/bundle/bundle.test.ts. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { parseCluster } from '../../../lib/config/load.ts';
import { wordings } from '../../../lib/facts/answers.ts';
import { known } from '../../../lib/model/facts.ts';
import type { LoadResult } from '../../../lib/model/load-result.ts';
import type { RunRecord } from '../../../lib/model/run-record.ts';
import { analyse, type StoredRun } from '../../../lib/run/analysis.ts';
import type { RunEvent } from '../../../lib/run/events.ts';
import type { RawLine } from '../../../lib/run/raw-lines.ts';
import { summaryOf } from '../../../lib/run/summary.ts';
import { pairsOf } from '../../../suites/catalogue.ts';
import { aDistribution, aLoad, aSampling, theEnds } from '../../builders.ts';
import { natText, today } from '../config/cluster-text.ts';

const cluster = parseCluster(natText, 'cluster.yaml', { today });
const at = '2026-11-22T10:00:00.000Z';
const evidence = { host: 'client1', command: 'load', output: '' };

function aStoredRun(load: Partial<LoadResult> | undefined, more: readonly RunEvent[] = []): StoredRun {
  const asked: RawLine = {
    type: 'asked',
    format: 'ipvet-raw/1',
    version: '0.0.1',
    declared: cluster.declared,
    today,
    selection: { allow: { traffic: true, change: false }, stages: ['traffic'], checks: ['traffic'] },
    failOn: 'fail',
    wordings: wordings(),
  };
  const observed: RawLine[] =
    load === undefined
      ? []
      : [
          {
            type: 'observed',
            service: 'web',
            observed: {
              facts: {
                load: known(aLoad({ answersByRealServer: { rs1: 150, rs2: 150 }, ...load }), evidence),
                sampling: known(aSampling(), evidence),
                ends: known(theEnds(), evidence),
                distribution: known(aDistribution(), evidence),
              },
              reach: [],
            },
          },
        ];
  const events: readonly RunEvent[] = [
    { at, type: 'run-started', id: 'r', command: 'accept', version: '0.0.1', cluster: summaryOf(cluster) },
    { at, type: 'planned', verdicts: [] },
    ...more,
    { at, type: 'run-ended' },
  ];
  return { name: 'case', events, raw: [asked, ...observed] };
}

describe('the analysis of a run', () => {
  let folder = '';

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ipvet-analysis-'));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function judged(stored: StoredRun, failOn?: 'warn'): Promise<RunRecord> {
    const { record, directory } = await analyse(stored, {
      version: '0.0.2',
      outDirectory: folder,
      pairsOf,
      ...(failOn === undefined ? {} : { failOn }),
    });
    expect(statSync(join(directory, 'run.json')).mode & 0o777).to.equal(0o600);
    return record;
  }
  const outcome = ({ verdicts }: RunRecord, id: string) => verdicts.find(({ check }) => check === id)?.outcome;

  it('judges the load that was observed', async () => {
    expect(outcome(await judged(aStoredRun({})), 'traffic/requests')).to.equal('pass');
    const failed = await judged(
      aStoredRun({ answered: 290, failed: 10, errors: { rate: 1 / 30, byKind: { refused: 10 }, examples: [] } }),
    );
    expect(outcome(failed, 'traffic/requests')).to.equal('fail');
    expect(failed).to.include({ verdict: 'fail', exitCode: 1 });
  });

  it('has nothing green where no load was observed', async () => {
    const record = await judged(aStoredRun(undefined));
    const outcomes = new Set(record.verdicts.map((verdict) => verdict.outcome));
    expect(outcomes.has('pass')).to.equal(false);
    expect(outcome(record, 'traffic/requests')).to.equal('error');
    expect(record).to.include({ verdict: 'inconclusive', exitCode: 3 });
  });

  it('says of each what was not judged then, and that the version did not', async () => {
    const { analysis } = await judged(aStoredRun({}));
    const one = analysis?.changed.find(({ check }) => check === 'traffic/requests');
    expect(one).to.deep.include({ is: 'pass', why: 'ipvet 0.0.1 did not judge it' });
    expect(one).not.to.have.property('was');
  });

  it('does not undo what happened: a restore that failed stays so', async () => {
    const change = { change: 1, host: 'director1', what: 'rules', command: 'ipvsadm -R', undo: 'ipvsadm -C' };
    const more: readonly RunEvent[] = [{ at, type: 'change-registered', ...change }];
    expect(await judged(aStoredRun({}, more))).to.include({ restored: false, exitCode: 6 });
  });
});
