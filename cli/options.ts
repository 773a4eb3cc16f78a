/** Global options, as every command reads them. */
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

import { type Command, InvalidArgumentError, Option } from 'commander';

import { loadCluster } from '../lib/config/load.ts';
import { durationMs } from '../lib/config/units.ts';
import { IpvetError } from '../lib/errors.ts';
import type { Cluster } from '../lib/model/cluster.ts';
import { tiers } from '../lib/model/tier.ts';
import { formatNames } from '../reports/format-names.ts';
import { type HtmlLayout, htmlLayouts } from '../reports/html-layout.ts';
import { type Language, languages } from '../reports/language/names.ts';
import { takesColor } from './terminal.ts';

export interface GlobalOptions {
  readonly inventory: string;
  readonly out: string;
  readonly limit: readonly string[];
  /** Checks that are left out, or folders of them. */
  readonly skip: readonly string[];
  readonly format: readonly string[];
  /** Of the HTML report and the text summary. */
  readonly lang: Language;
  readonly htmlLayout: HtmlLayout;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
  readonly input: boolean;
  readonly yes: boolean;
  readonly timeoutMs?: number;
  readonly failOn: 'fail' | 'warn';
  readonly allow: readonly string[];
  /** Only say what would be done. */
  readonly dryRun: boolean;
  /** Take over the lock of a run that is gone. */
  readonly stealLock: boolean;
  /** Hosts worked on at the same time, at most. */
  readonly parallel?: number;
  /** Where the journal's events go as they happen; `-` is standard output. */
  readonly events?: string;
}

/** Reading needs no consent. */
const consentTiers = tiers.filter((tier) => tier !== 'read');

const list = (value: string): string[] => value.split(',').filter((part) => part !== '');

export function addGlobalOptions(program: Command): Command {
  return program
    .option('-i, --inventory <file>', 'cluster file', process.env['IPVET_INVENTORY'] ?? 'cluster.yaml')
    .option('-o, --out <dir>', 'folder for runs', 'runs')
    .option('-l, --limit <hosts>', 'only these hosts, separated by commas', list, [])
    .option('--skip <checks>', 'leave these checks out, or folders of them, separated by commas', list, [])
    .option('--format <list>', `report formats: ${formatNames.join(', ')}`, list, ['html', 'junit', 'text'])
    .addOption(
      new Option('--lang <language>', 'language of the HTML report and the text summary')
        .choices(languages)
        .default('en'),
    )
    .addOption(
      new Option('--html-layout <layout>', 'HTML report as one file, or with style and script beside it (dir)')
        .choices(htmlLayouts)
        .default('file'),
    )
    .option('--json', 'print the run record, one JSON document, on stdout', false)
    .option('-q, --quiet', 'no progress', false)
    .option('-v, --verbose', 'each verdict as it falls, and stack traces of errors', false)
    .option('--no-color', 'no colour; also off a terminal and with NO_COLOR')
    .option('--no-input', 'never ask')
    .option('--yes', 'answer yes to what would be asked', false)
    .option('--timeout <time>', 'longest wait for the facts of one host (seconds, or with a unit)', duration)
    .option('--fail-on <outcome>', 'what makes the exit code differ from 0: fail or warn', failOn, 'fail')
    .option('--allow <tiers>', 'what may be done besides reading: traffic, change, disrupt', allowedTiers, [])
    .option(
      '--dry-run',
      'print the commands that would run, on which host, as which user; read the rules, no more',
      false,
    )
    .option('--steal-lock', 'take over the lock of a run that is no longer there', false)
    .option('--parallel <n>', "connections made at the same time, at most; caps the file's ssh.parallel", wholeNumber)
    .option('--events <file>', "the journal's events as they happen, one JSON object a line; - is stdout")
    .hook('preAction', (_program, command) => {
      mustKnowDryRun(command);
    });
}

const rehearsing = new WeakSet<Command>();

/** For a command that looks at `dryRun`: whoever says --dry-run must be sure that nothing is done, so every other one refuses. */
export function withDryRun(command: Command): Command {
  rehearsing.add(command);
  return command;
}

function mustKnowDryRun(command: Command): void {
  if (!command.optsWithGlobals<{ dryRun: boolean }>().dryRun || rehearsing.has(command)) return;
  const names = [command.name()];
  for (let parent = command.parent; parent?.parent != null; parent = parent.parent) names.unshift(parent.name());
  throw new IpvetError('USAGE', `${names.join(' ')} has no dry run`, {
    hint: 'it goes with accept, check, load, distribution, diagnose, rules and fix',
  });
}

export function globalOptions(command: Command): GlobalOptions {
  const { timeout, ...rest } = command.optsWithGlobals<Omit<GlobalOptions, 'timeoutMs'> & { timeout?: number }>();
  if (rest.json && rest.events === '-') {
    throw new IpvetError('USAGE', '--json and --events - both want standard output', {
      hint: 'give --events a file, or leave --json out',
    });
  }
  const color = rest.color && takesColor(process.stdout);
  return { ...rest, color, out: resolve(rest.out), ...(timeout === undefined ? {} : { timeoutMs: timeout }) };
}

/** The cluster of `--inventory`; unknown names in `--limit` are a usage error. */
export async function clusterOf(options: GlobalOptions): Promise<Cluster> {
  const cluster = await loadCluster(resolve(options.inventory), {
    checkIds: async () => (await import('../suites/catalogue.ts')).checks.map(({ id }) => id),
  });
  const names = [...cluster.directors, ...cluster.realServers, ...cluster.clients].map(({ name }) => name);
  for (const name of options.limit) {
    if (!names.includes(name)) {
      throw new IpvetError('USAGE', `--limit names ${name}, which ${options.inventory} does not`, {
        hint: `hosts: ${names.join(', ')}`,
      });
    }
  }
  const { parallel = cluster.ssh.parallel } = options;
  return { ...cluster, ssh: { ...cluster.ssh, parallel: Math.min(parallel, cluster.ssh.parallel) } };
}

/** Asks on the terminal without showing what is typed; undefined off a terminal and with --no-input. */
export function prompter(options: GlobalOptions): ((question: string) => Promise<string>) | undefined {
  if (!options.input || !process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return async (question) => {
    // readline echoes into its output, so an output that swallows keeps a passphrase off the screen.
    const silent = new Writable({
      write: (_piece, _encoding, done) => {
        done();
      },
    });
    // The interface takes the terminal's own echo away, so it comes before the question that is answered.
    const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
    process.stderr.write(question);
    try {
      return await lines.question('');
    } finally {
      lines.close();
      process.stderr.write('\n');
    }
  };
}

/** Seconds, or a time with a unit. */
export function duration(value: string): number {
  const ms = durationMs(/^[\d.]+$/.test(value) ? Number(value) : value);
  if (ms === undefined || !(ms > 0)) throw new InvalidArgumentError('give seconds, or a time such as 500ms, 30s, 2m');
  return ms;
}

export function wholeNumber(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1) throw new InvalidArgumentError('give a whole number of at least 1');
  return number;
}

function failOn(value: string): 'fail' | 'warn' {
  if (value !== 'fail' && value !== 'warn') throw new InvalidArgumentError('give fail or warn');
  return value;
}

function allowedTiers(value: string): string[] {
  const named = list(value);
  for (const tier of named) {
    if (!consentTiers.some((known) => known === tier))
      throw new InvalidArgumentError(`tiers are ${consentTiers.join(', ')}`);
  }
  return named;
}
