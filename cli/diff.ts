/** `ipvet diff BEFORE AFTER`: two stored runs side by side. Touches no host. */
import { Command, InvalidArgumentError } from 'commander';

import { compare, usualTolerance } from '../lib/comparison/compare.ts';
import { suggestion } from '../lib/config/suggestion.ts';
import { IpvetError } from '../lib/errors.ts';
import type { Baseline } from '../lib/model/comparison.ts';
import { comparisonFormats } from '../reports/index.ts';
import { type GlobalOptions, globalOptions } from './options.ts';
import { storedBaseline } from './stored-run.ts';

interface DiffFlags {
  readonly tolerance: number;
  readonly otherCluster: boolean;
}

/** Throws USAGE (unknown format, other cluster), CONFIG (a run that cannot be read). */
export function diffCommand(): Command {
  return withComparison(new Command('diff'))
    .description('two stored runs side by side: what fails newly, what is fixed, which figures changed')
    .argument('<before>', 'folder of a run, its run.json, an id, latest, or a baseline')
    .argument('<after>', 'likewise')
    .action(async (before: string, after: string, flags: DiffFlags, command: Command) => {
      const options = globalOptions(command);
      const format = formatOf(options, command);
      const [was, is] = [await storedBaseline(before, options.out), await storedBaseline(after, options.out)];
      printComparison(was, is, flags, options, format);
    });
}

/** The options that a comparison has, for each command that makes one. */
export function withComparison(command: Command): Command {
  return command
    .option('--format <name>', `${Object.keys(comparisonFormats).join(', ')} (default: text)`)
    .option('--tolerance <percent>', 'change of a latency or a rate that matters, in percent', percentage, 0.2)
    .option('--other-cluster', 'compare runs of clusters of different names too', false);
}

/** Throws USAGE. */
export function formatOf(options: GlobalOptions, command: Command): string {
  if (options.json) return 'json';
  // The program's own --format has a default that is meant for runs.
  const given: unknown = command.getOptionValueSourceWithGlobals('format') === 'cli' ? options.format : 'text';
  const names = Object.keys(comparisonFormats);
  const name = Array.isArray(given) ? given.join(',') : String(given);
  if (names.includes(name)) return name;
  const meant = suggestion(name, names);
  throw new IpvetError('USAGE', `a comparison has no format ${name}`, {
    hint: `${meant === undefined ? '' : `did you mean ${meant}? `}formats: ${names.join(', ')}, one at a time`,
  });
}

/** Prints, and sets the exit code. Throws USAGE for runs of different clusters, unless told that they may be. */
export function printComparison(
  before: Baseline,
  after: Baseline,
  { tolerance, otherCluster }: DiffFlags,
  options: GlobalOptions,
  format: string,
): void {
  if (before.cluster.name !== after.cluster.name && !otherCluster) {
    throw new IpvetError(
      'USAGE',
      `the runs are of different clusters: ${before.cluster.name} and ${after.cluster.name}`,
      {
        hint: 'add --other-cluster to compare them all the same; checks are matched by the names of hosts and services',
      },
    );
  }
  const comparison = compare(before, after, {
    tolerance: { ...usualTolerance, relative: tolerance },
    failOn: options.failOn,
  });
  const width = process.stdout.columns || 100;
  process.stdout.write(comparisonFormats[format]?.(comparison, { color: options.color, width }) ?? '');
  process.exitCode = comparison.exitCode;
}

function percentage(value: string): number {
  const [, number] = /^(\d+(?:\.\d+)?) ?%?$/.exec(value) ?? [];
  const share = Number(number) / 100;
  if (!(share > 0)) throw new InvalidArgumentError('give percent above 0, such as 20 or 12.5%');
  return share;
}
