/** `ipvet report RUN`: renders again from a stored run. Touches no host. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { IpvetError } from '../lib/errors.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import { readJournal } from '../lib/run/journal.ts';
import { recordOf } from '../lib/run/record.ts';
import { formatNamed, formats, readRun, renderText, writeReports } from '../reports/index.ts';
import type { HtmlLayout } from '../reports/html-layout.ts';
import type { Language } from '../reports/language/index.ts';
import { suggestion } from '../lib/config/suggestion.ts';
import { takesColor } from './terminal.ts';

interface ReportFlags {
  readonly out?: string;
  readonly format?: readonly string[];
  readonly color?: boolean;
  readonly lang: Language;
  readonly htmlLayout: HtmlLayout;
}

interface StoredRun {
  readonly directory: string;
  readonly file: string;
  readonly kind: 'record' | 'journal';
}

const list = (value: string): string[] => value.split(',').filter((part) => part !== '');
const runs = 'runs';

/** Throws USAGE (unknown format), CONFIG (no such run, or one that cannot be read), STORAGE. */
export function reportCommand(): Command {
  return new Command('report')
    .description('render a stored run again')
    .argument('<run>', `folder of a run, its run.json, an id under ./${runs}, or latest`)
    .option('-o, --out <dir>', "where to write; - is stdout, for one format (default: the run's folder)")
    .option('--format <list>', `${formats.map(({ name }) => name).join(', ')} (default: all but json)`, list)
    .action(async (run: string, _flags: ReportFlags, self: Command) => {
      const given = flagsOf(self);
      const names = given.format ?? formats.map(({ name }) => name).filter((name) => name !== 'json');
      names.forEach(known);
      const stored = await storedRun(run);
      const record = await recordOfStored(stored);
      if (given.out === '-') {
        toStdout(record, names, given);
        return;
      }
      const reportOptions = { language: given.lang, htmlLayout: given.htmlLayout };
      const directory = given.out === undefined ? stored.directory : resolve(given.out);
      for (const file of await writeReports(record, directory, names, reportOptions)) process.stdout.write(`${file}\n`);
    });
}

/** What was typed here: the program's own options of these names have defaults meant for runs, not for reports. */
function flagsOf(command: Command): ReportFlags {
  const all = command.optsWithGlobals<ReportFlags>();
  const typed = (name: string) => command.getOptionValueSourceWithGlobals(name) === 'cli';
  return {
    lang: all.lang,
    htmlLayout: all.htmlLayout,
    ...(all.color === undefined ? {} : { color: all.color }),
    ...(all.out !== undefined && typed('out') ? { out: all.out } : {}),
    ...(all.format !== undefined && typed('format') ? { format: all.format } : {}),
  };
}

function known(name: string): void {
  const names = formats.map((format) => format.name);
  if (names.includes(name)) return;
  const meant = suggestion(name, names);
  throw new IpvetError('USAGE', `there is no report format ${name}`, {
    hint: meant === undefined ? `formats: ${names.join(', ')}` : `did you mean ${meant}? formats: ${names.join(', ')}`,
  });
}

function toStdout(
  record: RunRecord,
  names: readonly string[],
  { color = true, lang: language, htmlLayout }: ReportFlags,
): void {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) {
    throw new IpvetError('USAGE', `-o - takes one format, and there are ${names.length}`, {
      hint: 'add for example --format markdown',
    });
  }
  if (name === 'html' && htmlLayout === 'dir') {
    throw new IpvetError('USAGE', '--html-layout dir is three files, and standard output is one', {
      hint: 'give -o a folder',
    });
  }
  const colored = color && takesColor(process.stdout);
  process.stdout.write(
    name === 'text' && process.stdout.isTTY
      ? renderText(record, { color: colored, width: process.stdout.columns, language })
      : formatNamed(name).render(record, language),
  );
}

/** Of a run by its folder, its run.json, its id under `out` or ./runs, or latest. Throws CONFIG, STORAGE. */
export async function storedRecord(run: string, out: string): Promise<RunRecord> {
  const under = resolve(out, run);
  return recordOfStored(await storedRun((await kindOf(under)) === 'directory' ? under : run));
}

async function recordOfStored({ file, kind }: StoredRun): Promise<RunRecord> {
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

async function storedRun(run: string): Promise<StoredRun> {
  if (run === 'latest') {
    for (const id of (await runIds()).reverse()) {
      const stored = await inFolder(resolve(runs, id));
      if (stored !== undefined) return stored;
    }
    throw new IpvetError('CONFIG', `there is no run under ${resolve(runs)}`, {
      hint: `runs are looked for in ./${runs}; give the folder of a run`,
    });
  }
  for (const path of [resolve(run), resolve(runs, run)]) {
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
  const meant = suggestion(run, ['latest', ...(await runIds())]);
  throw new IpvetError('CONFIG', `there is no run ${run}, neither as a path nor under ./${runs}`, {
    hint: meant === undefined ? 'give the folder of a run, or latest' : `did you mean ${meant}?`,
  });
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

/** Oldest first: an id begins with the UTC time. */
async function runIds(): Promise<string[]> {
  const entries = await readdir(runs, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

async function kindOf(path: string): Promise<'file' | 'directory' | 'absent'> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return 'absent';
  return found.isDirectory() ? 'directory' : 'file';
}
