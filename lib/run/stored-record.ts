/** The end of a run: its last line in the journal, and run.json derived from all of them. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonText } from '../model/json-text.ts';
import type { RunRecord } from '../model/run-record.ts';
import { type Journal, storageError } from './journal.ts';
import { recordOf } from './record.ts';
import { tellProblem } from './stages.ts';

/** Closes the journal. Never throws for a full disk: the record then says so. */
export function endRun(journal: Journal, failOn: 'fail' | 'warn'): RunRecord {
  const { failure } = journal;
  if (failure !== undefined) {
    tellProblem(journal, failure);
    journal.append({ type: 'interrupted', by: 'storage' });
  }
  journal.append({ type: 'run-ended' });
  const record = recordOf(journal.events, failOn);
  journal.close();
  const file = join(journal.directory, 'run.json');
  const unfinished = `${file}.part`;
  try {
    writeFileSync(unfinished, `${jsonText(record, 2)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(unfinished, file);
    return record;
  } catch (error) {
    // Without run.json a report is rendered from the journal; with half of one it could not be.
    rmSync(unfinished, { force: true });
    if (record.problems.some(({ code }) => code === 'STORAGE')) return record;
    tellProblem(journal, storageError(file, error));
    return recordOf(journal.events, failOn);
  }
}
