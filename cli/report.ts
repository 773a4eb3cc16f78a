/** `ipvet report RUN`: renders again from a stored run. Touches no host. */
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { IpvetError } from '../lib/errors.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import {
  formatNamed,
  formats,
  type ReportOptions,
  renderText,
  trendOf,
  type TrendPoint,
  trendText,
  writeReports,
} from '../reports/index.ts';
import type { HtmlLayout } from '../reports/html-layout.ts';
import type { Language } from '../reports/language/names.ts';
import { mustBeFormats } from './formats.ts';
import { recordOfStored, type StoredRun, storedRun, storedRuns } from './stored-run.ts';
import { appendStepSummary } from './step-summary.ts';
import { wholeNumber } from './options.ts';
import { say, takesColor } from './terminal.ts';
import { writeCommands } from './workflow-commands.ts';

interface ReportFlags {
  readonly out?: string;
  readonly format?: readonly string[];
  readonly color?: boolean;
  readonly lang: Language;
  readonly htmlLayout: HtmlLayout;
}

const list = (value: string): string[] => value.split(',').filter((part) => part !== '');
const runs = 'runs';

/** Throws USAGE (unknown format), CONFIG (no such run, or one that cannot be read), STORAGE. */
export function reportCommand(): Command {
  return new Command('report')
    .description('render a stored run again')
    .argument('<run>', `folder of a run, its run.json, an id under ./${runs}, or latest`)
    .option('-o, --out <dir>', "where to write; - is stdout, for one format (default: the run's folder)")
    .option('--format <list>', `${formats.map(({ name }) => name).join(', ')} (default: all but json and github)`, list)
    .option('--trend <n>', 'the last n runs of the cluster beside it, in html, text and markdown', wholeNumber)
    .option('--step-summary', 'append the Markdown to the file that $GITHUB_STEP_SUMMARY names, too')
    .action(async (run: string, flags: ReportFlags & { stepSummary?: true; trend?: number }, self: Command) => {
      const given = flagsOf(self);
      const names = given.format ?? formats.filter(({ onRequest }) => onRequest !== true).map(({ name }) => name);
      mustBeFormats(names);
      const stored = await storedRun(run, runs);
      const record = await recordOfStored(stored);
      const trend = flags.trend === undefined ? undefined : await trendBeside(record, stored, flags.trend);
      const options: ReportOptions = {
        language: given.lang,
        htmlLayout: given.htmlLayout,
        ...(trend === undefined ? {} : { trend }),
      };
      if (flags.stepSummary === true) await appendStepSummary(formatNamed('markdown').render(record, options));
      if (given.out === '-') {
        toStdout(record, names, given.color ?? true, options);
        return;
      }
      const directory = given.out === undefined ? stored.directory : resolve(given.out);
      for (const file of await writeReports(record, directory, names, options)) process.stdout.write(`${file}\n`);
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

/** Of the runs in the folder around it; those that cannot be read are told and left out. */
async function trendBeside(record: RunRecord, stored: StoredRun, most: number): Promise<readonly TrendPoint[]> {
  const others: RunRecord[] = [];
  for (const run of (await storedRuns(dirname(stored.directory))).reverse()) {
    if (trendOf(record, others, most).length >= most) break;
    try {
      others.push(await recordOfStored(run));
    } catch (error) {
      if (!(error instanceof IpvetError)) throw error;
      say(`left out of the trend: ${error.message}`);
    }
  }
  return trendOf(record, others, most);
}

function toStdout(record: RunRecord, names: readonly string[], color: boolean, options: ReportOptions): void {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) {
    throw new IpvetError('USAGE', `-o - takes one format, and there are ${names.length}`, {
      hint: 'add for example --format markdown',
    });
  }
  if (name === 'html' && options.htmlLayout === 'dir') {
    throw new IpvetError('USAGE', '--html-layout dir is three files, and standard output is one', {
      hint: 'give -o a folder',
    });
  }
  if (name === 'github') {
    writeCommands(process.stdout, formatNamed(name).render(record, options));
    return;
  }
  const colored = color && takesColor(process.stdout);
  const { language = 'en', trend } = options;
  process.stdout.write(
    name === 'text' && process.stdout.isTTY
      ? `${renderText(record, { color: colored, width: process.stdout.columns, language })}${trend === undefined ? '' : `\n${trendText(trend, language)}`}`
      : formatNamed(name).render(record, options),
  );
}
