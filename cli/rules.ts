/** `ipvet rules`: the IPVS rules of the directors against the cluster file. */
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { IpvetError } from '../lib/errors.ts';
import {
  type DirectorPlan,
  install,
  InstallationError,
  type InstallationOptions,
  planDirector,
  rollBack,
  type UndoFailure,
} from '../lib/ipvs/installation.ts';
import { newRunId, thisHolder } from '../lib/changes/holder.ts';
import type { Cluster } from '../lib/model/cluster.ts';
import { exitCodes } from '../lib/run/outcome.ts';
import { connectFleet } from '../lib/ssh/fleet.ts';
import type { Host } from '../lib/ssh/host.ts';
import { allowedOn, clusterOf, type GlobalOptions, globalOptions, prompter } from './options.ts';

export function rulesCommand(): Command {
  const command = new Command('rules').description('IPVS rules of the directors: compare, install, take back');
  command
    .command('plan')
    .description('what differs from the cluster file, and the commands that would change it; changes nothing')
    .action(async (_flags: unknown, self: Command) => {
      const options = globalOptions(self);
      const cluster = await clusterOf(options);
      await withDirectors(cluster, options, async (hosts, signal) => {
        show(await plansOf(cluster, hosts, signal), options);
      });
    });
  command
    .command('apply')
    .description('install the declared rules on every director, or on none; keeps what leads back')
    .action(async (_flags: unknown, self: Command) => {
      const options = globalOptions(self);
      const cluster = await clusterOf(options);
      requireOwnRules(cluster);
      requireConsent(cluster, options, 'rules apply');
      await withDirectors(cluster, options, async (hosts, signal) => {
        const plans = await plansOf(cluster, hosts, signal);
        if (!options.json) show(plans, options);
        const changes = plans.reduce((sum, { plan }) => sum + plan.operations.length, 0);
        if (changes > 0) {
          await confirm(cluster, options, `make ${changes} changes to ${cluster.name} (${cluster.environment})`);
          const files = await install(cluster, plans, installation('rules apply', options, signal)).catch(
            tellWhatIsLeft,
          );
          if (files === undefined) return;
          if (!options.json && !options.quiet)
            process.stdout.write(`applied; ipvet rules rollback takes it back (${files.join(', ')})\n`);
        }
        if (options.json) show(plans, options);
      });
    });
  command
    .command('rollback')
    .description('take back what the last apply did')
    .option('--force', 'also when the rules have changed since', false)
    .action(async ({ force }: { force: boolean }, self: Command) => {
      const options = globalOptions(self);
      const cluster = await clusterOf(options);
      requireConsent(cluster, options, 'rules rollback');
      await withDirectors(cluster, options, async (hosts, signal) => {
        await confirm(
          cluster,
          options,
          `take back the rules of ${hosts.map(({ declaration }) => declaration.name).join(', ')}`,
        );
        await rollBackAll(cluster, hosts, options, { force, signal });
      });
    });
  return command;
}

type Work = (hosts: readonly Host[], signal: AbortSignal) => Promise<void>;

/** Connects to the directors of `--limit`. The first Ctrl-C stops the work, which restores; the second abandons it. */
async function withDirectors(cluster: Cluster, options: GlobalOptions, work: Work): Promise<void> {
  const wanted = cluster.directors.filter(({ name }) => options.limit.length === 0 || options.limit.includes(name));
  if (wanted.length === 0)
    throw new IpvetError('USAGE', '--limit names no director', {
      hint: `directors: ${cluster.directors.map(({ name }) => name).join(', ')}`,
    });
  const abort = new AbortController();
  const stop = (signal: 'SIGINT' | 'SIGTERM') => {
    if (abort.signal.aborted) process.exit(exitCodes[signal]);
    process.stderr.write('\nstopping; putting everything back (once more to give up)\n');
    abort.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const prompt = prompter(options);
  const fleet = connectFleet(cluster, { signal: abort.signal, ...(prompt === undefined ? {} : { prompt }) });
  try {
    await work(await Promise.all(wanted.map(({ name }) => fleet.host(name))), abort.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    await fleet.close();
  }
}

function plansOf(cluster: Cluster, hosts: readonly Host[], signal: AbortSignal): Promise<DirectorPlan[]> {
  return Promise.all(hosts.map((host) => planDirector(cluster, host, signal)));
}

function show(plans: readonly DirectorPlan[], options: GlobalOptions): void {
  if (options.json) {
    const directors = plans.map(({ host, plan }) => ({ director: host.declaration.name, ...plan }));
    process.stdout.write(`${JSON.stringify({ directors }, null, 2)}\n`);
    return;
  }
  for (const { host, plan } of plans) {
    const { operations, untouched } = plan;
    const count =
      operations.length === 0
        ? 'as declared'
        : `${operations.length} ${operations.length === 1 ? 'change' : 'changes'}`;
    const others = untouched.length === 0 ? '' : `; not declared and not touched: ${untouched.join(', ')}`;
    process.stdout.write(`${host.declaration.name}: ${count}${others}\n`);
    for (const { description, argv, undo } of operations)
      process.stdout.write(`  ${description}\n    ${argv.join(' ')}\n    undo: ${undo.join(' ')}\n`);
  }
}

async function rollBackAll(
  cluster: Cluster,
  hosts: readonly Host[],
  options: GlobalOptions,
  how: { readonly force: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const results = [];
  for (const host of hosts) {
    const wanted = { ...installation('rules rollback', options, how.signal), force: how.force };
    const result = await rollBack(cluster, host, wanted).catch(tellWhatIsLeft);
    const director = host.declaration.name;
    results.push(result ?? { director, commands: [] });
    if (options.json) continue;
    process.stdout.write(result === undefined ? `${director}: nothing to take back\n` : `${director}: taken back\n`);
    for (const command of result?.commands ?? []) process.stdout.write(`  ${command}\n`);
  }
  if (options.json) process.stdout.write(`${JSON.stringify({ directors: results }, null, 2)}\n`);
}

function installation(purpose: string, options: GlobalOptions, signal: AbortSignal): InstallationOptions {
  return {
    outDirectory: options.out,
    signal,
    guard: {
      holder: thisHolder(newRunId(), purpose),
      // Taking back comes after an interruption, so the guard does not end with it.
      signal: new AbortController().signal,
      stealLock: options.stealLock,
    },
  };
}

/** Throws REFUSED before any host is touched, unless the change is allowed or there is someone to ask. */
function requireConsent(cluster: Cluster, options: GlobalOptions, command: string): void {
  if (consented(cluster, options) || canAsk(options)) return;
  throw new IpvetError(
    'REFUSED',
    `${command} changes the rules of ${cluster.name} (${cluster.environment}), which was not allowed`,
    { hint: 'see what it would do with `ipvet rules plan`, then give --allow change or --yes' },
  );
}

/** The engine that owns the rules would undo or fight ours. */
function requireOwnRules(cluster: Cluster): void {
  if (cluster.rules.managedBy === 'ipvsadm') return;
  throw new IpvetError('REFUSED', `${cluster.file} says that the rules are managed by ${cluster.rules.managedBy}`, {
    hint:
      cluster.rules.managedBy === 'keepalived'
        ? 'change keepalived.conf instead; `ipvet rules plan` shows what differs'
        : 'set `rules: { managed_by: ipvsadm }` to have ipvet install them',
  });
}

async function confirm(cluster: Cluster, options: GlobalOptions, what: string): Promise<void> {
  if (consented(cluster, options)) return;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${what}? [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    lines.close();
  }
  throw new IpvetError('REFUSED', 'nothing was changed', { hint: '--yes answers for you' });
}

function consented(cluster: Cluster, options: GlobalOptions): boolean {
  return options.yes || allowedOn(cluster, options).change;
}

function canAsk(options: GlobalOptions): boolean {
  return options.input && process.stdin.isTTY && process.stderr.isTTY;
}

/** Throws the error again unless something could not be taken back: that is louder than its cause, and exit code 6. */
function tellWhatIsLeft(error: unknown): undefined {
  if (!(error instanceof InstallationError) || error.left.length === 0) throw error;
  process.stderr.write(`ipvet: ${error.message}\n`);
  tell(error.left);
  process.exitCode = exitCodes.restoreFailed;
}

function tell(failures: readonly UndoFailure[]): void {
  for (const { host, command, error } of failures)
    process.stderr.write(`not taken back: on ${host}: ${command} (${error.message})\n`);
}
