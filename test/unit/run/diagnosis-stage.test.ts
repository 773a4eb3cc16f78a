import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { diagnoseRun } from '../../../lib/run/diagnosis-stage.ts';
import type { RunEvent } from '../../../lib/run/events.ts';
import { Journal } from '../../../lib/run/journal.ts';
import { aCluster } from '../../builders.ts';

describe('run/diagnosis-stage', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ipvet-diagnosis-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('tells what became of it and does not reject, so that what was changed is put back', async () => {
    const journal = new Journal(join(folder, 'run'));
    const events: RunEvent[] = [];
    journal.onEvent((event) => events.push(event));
    await diagnoseRun(
      {
        cluster: aCluster(),
        verdicts: [],
        sees: new Map(),
        facts: { stage: () => Promise.reject(new Error('no such report')) },
        collected: true,
        traffic: undefined,
      },
      journal,
      new AbortController().signal,
    );
    journal.close();
    expect(events.flatMap((event) => (event.type === 'problem' ? [event.problem] : []))).to.deep.equal([
      { code: 'INTERNAL', message: 'looking for causes: no such report' },
    ]);
  });
});
