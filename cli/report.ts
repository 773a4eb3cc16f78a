/** `ipvet report RUN`: renders again from a stored run. Touches no host. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { IpvetError } from '../lib/errors.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import { formatNamed, formats, renderText, writeReports } from '../reports/index.ts';
import { suggestion } from '../lib/config/suggestion.ts';
import { recordOfStored, storedRun } from './stored-run.ts';
import { takesColor } from './terminal.ts';

interface ReportFlags {
  readonly out?: string;
  readonly format?: readonly string[];
  readonly color?: boolean;
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
      const stored = await storedRun(run, runs);
      const record = await recordOfStored(stored);
      if (given.out === '-') {
        toStdout(record, names, given.color ?? true);
        return;
      }
      const directory = given.out === undefined ? stored.directory : resolve(given.out);
      for (const file of await writeReports(record, directory, names)) process.stdout.write(`${file}\n`);
    });
}

/** What was typed here: the program's own options of these names have defaults meant for runs, not for reports. */
function flagsOf(command: Command): ReportFlags {
  const all = command.optsWithGlobals<ReportFlags>();
  const typed = (name: string) => command.getOptionValueSourceWithGlobals(name) === 'cli';
  return {
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

function toStdout(record: RunRecord, names: readonly string[], color: boolean): void {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) {
    throw new IpvetError('USAGE', `-o - takes one format, and there are ${names.length}`, {
      hint: 'add for example --format markdown',
    });
  }
  const colored = color && takesColor(process.stdout);
  process.stdout.write(
    name === 'text' && process.stdout.isTTY
      ? renderText(record, { color: colored, width: process.stdout.columns })
      : formatNamed(name).render(record),
  );
}
