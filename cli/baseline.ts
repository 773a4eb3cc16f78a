/** `ipvet baseline save|compare`: a run to be measured by, in a file to commit. Touches no host. */
import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { Command } from 'commander';

import { IpvetError } from '../lib/errors.ts';
import type { Baseline } from '../lib/model/comparison.ts';
import { jsonText } from '../lib/model/json-text.ts';
import { readBaseline, writeFiles } from '../reports/index.ts';
import { formatOf, printComparison, withComparison } from './diff.ts';
import { globalOptions } from './options.ts';
import { storedBaseline } from './stored-run.ts';
import { say } from './terminal.ts';

interface BaselineFlags {
  readonly file: string;
  readonly tolerance: number;
  readonly otherCluster: boolean;
}

const usualFile = 'baseline.json';
const runArgument = ['[run]', 'folder of a run, its run.json, an id, or latest', 'latest'] as const;

export function baselineCommand(): Command {
  return new Command('baseline')
    .description('a run to be measured by, in a file to commit')
    .addCommand(
      new Command('save')
        .description('write what a comparison needs of a run: verdicts, causes, figures, inventory; no evidence')
        .argument(...runArgument)
        .option('--file <file>', 'where to', usualFile)
        .option('--other-cluster', 'in place of the baseline of another cluster too', false)
        .action(async (run: string, flags: BaselineFlags, command: Command) => {
          await save(run, flags, globalOptions(command).out);
        }),
    )
    .addCommand(
      withComparison(new Command('compare'))
        .description('a run beside the baseline, as ipvet diff does')
        .argument(...runArgument)
        .option('--file <file>', 'the baseline', usualFile)
        .action(async (run: string, flags: BaselineFlags, command: Command) => {
          const options = globalOptions(command);
          const format = formatOf(options, command);
          const before = await readBaseline(await existing(flags.file));
          printComparison(before, await storedBaseline(run, options.out), flags, options, format);
        }),
    );
}

/** Throws USAGE where the file is something else, or another cluster's; CONFIG for a run with nothing in it; STORAGE. */
async function save(run: string, { file, otherCluster }: BaselineFlags, folder: string): Promise<void> {
  const baseline = await storedBaseline(run, folder);
  const path = resolve(file);
  await mayReplace(path, baseline, otherCluster);
  if (!baseline.verdicts.some(({ outcome }) => outcome !== 'error' && outcome !== 'not-run'))
    throw new IpvetError('CONFIG', `run ${baseline.run.id} evaluated nothing, so nothing can be measured by it`, {
      hint: 'give a run that got to its end',
    });
  for (const warning of weaknesses(baseline)) say(`warning: ${warning}`);
  await writeFiles(dirname(path), new Map([[basename(path), `${jsonText(baseline, 2)}\n`]]));
  process.stdout.write(`${path}\n`);
}

async function mayReplace(path: string, baseline: Baseline, otherCluster: boolean): Promise<void> {
  if ((await stat(path).catch(() => undefined)) === undefined) return;
  const there = await readBaseline(path).catch((error: unknown) => {
    throw new IpvetError('USAGE', `${path} is there and is no baseline; it is left as it is`, {
      hint: 'name another file with --file',
      cause: error,
    });
  });
  if (there.cluster.name !== baseline.cluster.name && !otherCluster)
    throw new IpvetError(
      'USAGE',
      `${path} is the baseline of ${there.cluster.name}, and the run is of ${baseline.cluster.name}`,
      { hint: 'name another file with --file, or add --other-cluster' },
    );
}

/** What makes it a poor measure. */
function weaknesses({ run, verdicts }: Baseline): string[] {
  const open = verdicts.filter(({ outcome }) => outcome === 'error' || outcome === 'not-run').length;
  const failed = verdicts.filter(({ outcome }) => outcome === 'fail').length;
  return [
    ...(run.interrupted === undefined ? [] : [`the run ended early (${run.interrupted})`]),
    ...(open === 0 ? [] : [`${open} of ${verdicts.length} checks were not evaluated`]),
    ...(failed === 0
      ? []
      : [`${failed} ${failed === 1 ? 'check fails' : 'checks fail'} in it, and will be told as still failing`]),
  ];
}

async function existing(file: string): Promise<string> {
  const path = resolve(file);
  if ((await stat(path).catch(() => undefined)) === undefined)
    throw new IpvetError('CONFIG', `there is no baseline ${path}`, {
      hint: 'ipvet baseline save RUN makes one; name another file with --file',
    });
  return path;
}
