/** Finds and reads stored runs: by folder, file, id or `latest`. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

import { baselineOf } from '../lib/comparison/baseline.ts';
import { suggestion } from '../lib/config/suggestion.ts';
import { IpvetError } from '../lib/errors.ts';
import type { Baseline } from '../lib/model/comparison.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import { readJournal } from '../lib/run/journal.ts';
import { recordOf } from '../lib/run/record.ts';
import { readRun, readRunOrBaseline } from '../reports/index.ts';

export interface StoredRun {
  readonly directory: string;
  readonly file: string;
  readonly kind: 'record' | 'journal';
}

/** Of a run by its folder, its run.json, its id under `folder` or ./runs, or latest. Throws CONFIG, STORAGE. */
export async function storedRecord(run: string, folder: string): Promise<RunRecord> {
  const under = resolve(folder, run);
  return recordOfStored(await storedRun((await kindOf(under)) === 'directory' ? under : run, folder));
}

/** As `storedRecord`; a file may be a baseline too. Throws CONFIG, STORAGE. */
export async function storedBaseline(run: string, folder: string): Promise<Baseline> {
  const stored = await storedRun(run, folder);
  if (stored.kind === 'journal') return baselineOf(await recordOfStored(stored));
  const value = await readRunOrBaseline(stored.file);
  return value.format === 'ipvet-baseline/1' ? value : baselineOf(value);
}

export async function recordOfStored({ file, kind }: StoredRun): Promise<RunRecord> {
  if (kind === 'record') return readRun(file);
  try {
    return recordOf(readJournal(file));
  } catch (error) {
    if (error instanceof IpvetError) throw error;
    throw new IpvetError('CONFIG', `${file} is not the journal of a run`, {
      hint: 'give the folder of a run, with its events.ndjson unchanged',
      cause: error,
    });
  }
}

/** Throws CONFIG: no such run. */
export async function storedRun(run: string, folder: string): Promise<StoredRun> {
  if (run === 'latest') {
    for (const stored of (await storedRuns(folder)).reverse()) return stored;
    throw new IpvetError('CONFIG', `there is no run under ${resolve(folder)}`, {
      hint: `runs are looked for in ${shownFolder(folder)}; give the folder of a run`,
    });
  }
  for (const path of [resolve(run), resolve(folder, run)]) {
    const kind = await kindOf(path);
    if (kind === 'file') {
      return { directory: dirname(path), file: path, kind: path.endsWith('.ndjson') ? 'journal' : 'record' };
    }
    if (kind === 'directory') {
      const stored = await inFolder(path);
      if (stored !== undefined) return stored;
      throw new IpvetError('CONFIG', `${path} has neither run.json nor events.ndjson`, {
        hint: 'give the folder of a run',
      });
    }
  }
  const ids = (await storedRuns(folder)).map(({ directory }) => relative(resolve(folder), directory));
  const meant = suggestion(run, ['latest', ...ids]);
  throw new IpvetError('CONFIG', `there is no run ${run}, neither as a path nor under ${shownFolder(folder)}`, {
    hint: meant === undefined ? 'give the folder of a run, or latest' : `did you mean ${meant}?`,
  });
}

/** Every run in the folder, the oldest first: an id begins with the UTC time. Empty where there is no folder. */
export async function storedRuns(folder: string): Promise<StoredRun[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const runs = await Promise.all(names.sort().map((name) => inFolder(resolve(folder, name))));
  return runs.filter((stored) => stored !== undefined);
}

function shownFolder(folder: string): string {
  const short = relative('.', folder);
  return short.startsWith('..') ? resolve(folder) : `./${short}`;
}

/** run.json, or the journal of a run that ended before it was written. */
async function inFolder(directory: string): Promise<StoredRun | undefined> {
  for (const [name, kind] of [
    ['run.json', 'record'],
    ['events.ndjson', 'journal'],
  ] as const) {
    const file = join(directory, name);
    if ((await kindOf(file)) === 'file') return { directory, file, kind };
  }
  return undefined;
}

async function kindOf(path: string): Promise<'file' | 'directory' | 'absent'> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return 'absent';
  return found.isDirectory() ? 'directory' : 'file';
}
