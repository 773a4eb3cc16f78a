/** The files of a run's folder that a bundle is made of and a run is judged again by. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

import { asIpvetError, IpvetError } from '../errors.ts';
import { journalLines } from '../run/journal.ts';
import type { RunEvent } from '../run/events.ts';
import type { StoredRun } from '../run/analysis.ts';
import type { RawLine } from '../run/raw-lines.ts';
import { type BundleFiles, mostBytes } from './archive.ts';

export const runFiles = { record: 'run.json', journal: 'events.ndjson', raw: 'raw.ndjson' } as const;

/** Those of the three that are there. Throws STORAGE, CONFIG (no journal). */
export function filesOfRun(directory: string): BundleFiles {
  const names = Object.values(runFiles).filter((name) => existsSync(join(directory, name)));
  if (!names.includes(runFiles.journal)) {
    throw new IpvetError('CONFIG', `${directory} has no ${runFiles.journal}`, { hint: 'give the folder of a run' });
  }
  return new Map(names.map((name) => [name, bounded(join(directory, name))]));
}

/** Throws STORAGE, and CONFIG for a file that no run writes. */
export function bounded(file: string, most = mostBytes): Buffer {
  try {
    if (statSync(file).size > most) {
      throw new IpvetError('CONFIG', `${file} is larger than ${most >> 20} MiB`, { hint: 'no run writes such a file' });
    }
    return readFileSync(file);
  } catch (error) {
    throw asIpvetError(error, 'STORAGE', `cannot read ${file}`);
  }
}

/** Throws CONFIG where the lines are not those of a run. */
export function storedRun(files: BundleFiles, name: string): StoredRun {
  const journal = files.get(runFiles.journal);
  if (journal === undefined) {
    throw new IpvetError('BUNDLE', `${basename(name)} holds no run, so there is nothing to judge again`, {
      hint: 'it was written when ipvet failed before there was a run; its REPORT.md has the error',
    });
  }
  const events = lines(journal, `${name}: ${runFiles.journal}`) as readonly RunEvent[];
  if (events[0]?.type !== 'run-started') {
    throw new IpvetError('CONFIG', `${name}: ${runFiles.journal} does not begin as the journal of a run`, {
      hint: 'give the folder of a run, with its files unchanged',
    });
  }
  return {
    name,
    events,
    raw: lines(files.get(runFiles.raw) ?? Buffer.alloc(0), `${name}: ${runFiles.raw}`) as readonly RawLine[],
  };
}

/** Each is an object with a type; what else it holds is what the run wrote. */
function lines(content: Buffer, name: string): readonly unknown[] {
  const parsed = journalLines(content.toString('utf8'), name);
  const bad = parsed.findIndex(
    (line) => typeof line !== 'object' || line === null || !('type' in line) || typeof line.type !== 'string',
  );
  if (bad < 0) return parsed;
  throw new IpvetError('CONFIG', `${name}:${bad + 1}: not a line that a run writes`, {
    hint: 'give the folder of a run, with its files unchanged',
  });
}
