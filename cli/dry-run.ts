/** `--dry-run`: what would be done, on which host, as which user; as text, and with `--json` as one document. */
import type { Cluster } from '../lib/model/cluster.ts';
import type { Tier } from '../lib/model/tier.ts';
import type { RehearsedCommand, RehearsedLoad, RehearsedRootCommand, Rehearsal } from '../lib/run/rehearsal.ts';
import { exitCodes } from '../lib/run/outcome.ts';
import { quoteWord } from '../lib/ssh/quote.ts';
import type { GlobalOptions } from './options.ts';
import { jsonText } from '../lib/model/json-text.ts';
import { visible } from '../lib/model/visible-text.ts';

/** What the rehearsal is of. */
export interface DryRun {
  readonly cluster: Cluster;
  /** As typed after `ipvet`. */
  readonly command: string;
  /** What the run would be allowed. */
  readonly tiers: readonly Tier[];
  /** Those of them that still need consent. */
  readonly missing: readonly Tier[];
  readonly rehearsal: Rehearsal;
}

/** Exit code 3 when something could not be told: then this is not all that would be done. */
export function printDryRun(dryRun: DryRun, options: Pick<GlobalOptions, 'json'>): void {
  process.stdout.write(options.json ? `${jsonText(documentOf(dryRun), 2)}\n` : dryRunText(dryRun));
  if (dryRun.rehearsal.problems.length > 0) process.exitCode = exitCodes.inconclusive;
}

function documentOf({ cluster, command, tiers, missing, rehearsal }: DryRun) {
  return {
    format: 'ipvet-dry-run/1',
    command,
    cluster: { name: cluster.name, environment: cluster.environment },
    tiers,
    missing,
    ...rehearsal,
  };
}

export function dryRunText({ cluster, command, tiers, missing, rehearsal }: DryRun): string {
  const { reads, commands, load, problems } = rehearsal;
  const lines = [
    `${command} on ${cluster.name} (${cluster.environment}): ${tiers.join(', ')}`,
    ...(reads.length === 0
      ? ['Nothing was run on any host for this.']
      : ['Run for this, because the plan rests on it, and nothing else:', ...reads.map(readingLine)]),
    ...(missing.length === 0 ? [] : [`To be allowed first: ${missing.join(', ')} (--allow ${missing.join(',')})`]),
    'A host that leaves a question open for too long is asked again, without that question.',
    ...problems.map((problem) => `Could not be told: ${problem}`),
  ];
  for (const stage of new Set(commands.map((command) => command.stage))) {
    const inStage = commands.filter((command) => command.stage === stage);
    lines.push(
      '',
      stageLine(stage, inStage),
      ...load.filter(({ service }) => stage === `load ${service}`).flatMap(loadLines),
    );
    for (const [text, hosts] of hostsByText(inStage)) lines.push(`  ${hosts.join(', ')}`, text);
  }
  return `${visible(lines.join('\n'))}\n`;
}

/** Hosts where a stage does the same are told together. */
function hostsByText(commands: readonly RehearsedCommand[]): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, readonly string[]>();
  for (const host of new Set(commands.map((command) => command.host))) {
    const own = commands.filter((command) => command.host === host);
    const text = own.flatMap(commandLines).join('\n');
    hosts.set(text, [...(hosts.get(text) ?? []), host]);
  }
  return hosts;
}

function stageLine(stage: string, commands: readonly RehearsedCommand[]): string {
  return `${stage} (${[...new Set(commands.map(({ tier }) => tier))].join(', ')})`;
}

function readingLine({ host, user, via, argv, stdin }: Rehearsal['reads'][number]): string {
  const script = stdin === undefined ? '' : ` (a script of ${stdin.trimEnd().split('\n').length} lines on its input)`;
  return `  ${host}, as ${asWhom({ user, ...(via === undefined ? {} : { via }) })}: ${shown(argv)}${script}`;
}

function loadLines(load: RehearsedLoad): string[] {
  const { client, netns, source, url, requests, concurrency, mode, timeoutMs, timeLimitMs } = load;
  const where = netns === undefined ? 'this machine' : `this machine, network namespace ${netns}`;
  const connections = mode === 'ab' ? 'a new connection each' : 'connections kept alive';
  const limit = timeLimitMs === undefined ? '' : `, for at most ${timeLimitMs / 1000} s`;
  return [
    `  ${client} (${where})`,
    `    from ${source} to ${url}: ${requests} requests, ${concurrency} at a time, ${connections}, each waited for ${timeoutMs / 1000} s at most${limit}`,
  ];
}

function commandLines({ user, via, argv, what, stdin, condition, root = [], undo }: RehearsedCommand): string[] {
  return [
    `    as ${asWhom({ user, ...(via === undefined ? {} : { via }) })}: ${shown(argv)}`,
    `      ${what}${condition === undefined ? '' : `; only ${condition}`}`,
    ...root.map(rootLine),
    ...(stdin === undefined ? [] : block('input', stdin)),
    ...(undo === undefined ? [] : block('undone by', undo)),
  ];
}

function rootLine({ argv, via, what, condition }: RehearsedRootCommand): string {
  const when = condition === undefined ? '' : `; only ${condition}`;
  return `      as ${asWhom({ user: 'root', ...(via === undefined ? {} : { via }) })}: ${shown(argv)}: ${what}${when}`;
}

function block(title: string, text: string): string[] {
  return [
    `      ${title}:`,
    ...text
      .trimEnd()
      .split('\n')
      .map((line) => `        ${line}`),
  ];
}

function asWhom({ user, via }: { readonly user: string; readonly via?: 'sudo' }): string {
  return via === undefined ? user : `${user} via ${via}`;
}

/** A script of ours is told by its length: its name follows it, and the JSON document has it whole. */
function shown(argv: readonly string[]): string {
  return argv
    .map((word) => (word.includes('\n') ? `'…${word.trimEnd().split('\n').length} lines…'` : quoteWord(word)))
    .join(' ');
}
