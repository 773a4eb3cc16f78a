/** `ipvet rules`: the IPVS rules of the directors against the cluster file. */
import { Command } from 'commander';
import { newRunId, thisHolder } from '../lib/changes/holder.ts';
import { IpvetError } from '../lib/errors.ts';
import { deeds, rollBackFiles } from '../lib/ipvs/file-changes.ts';
import { InstallationError, type InstallationOptions, rollBack, type UndoFailure } from '../lib/ipvs/installation.ts';
import { keepalivedWatch } from '../lib/ipvs/keepalived.ts';
import { mustNotBeOwned } from '../lib/ipvs/owner.ts';
import { isAppliedFiles, readApplied, rollbackPath } from '../lib/ipvs/rollback-file.ts';
import { applySave, planSave, savesAnything, saveWatch } from '../lib/ipvs/save.ts';
import type { Cluster } from '../lib/model/cluster.ts';
import { jsonText } from '../lib/model/json-text.ts';
import { exitCodes } from '../lib/run/outcome.ts';
import { Reading, rehearseApply } from '../lib/run/rehearsal-rules.ts';
import type { Host } from '../lib/ssh/host.ts';
import { rehearsedConsent, stealing } from './consent.ts';
import { type Consenting, withConsent, withDirectors } from './directors.ts';
import { printDryRun } from './dry-run.ts';
import { clusterOf, type GlobalOptions, globalOptions, withDryRun } from './options.ts';
import { standbysFirst } from '../lib/ipvs/vip-holder.ts';
import { applyPlans, plansOf, type Shown } from './rules-plans.ts';
import { saveText } from './rules-text.ts';
import { say, shown } from './terminal.ts';

export function rulesCommand(): Command {
  const command = new Command('rules').description('IPVS rules of the directors: compare, install, take back, keep');
  withDryRun(command.command('plan'))
    .description(
      'what differs from the cluster file (and from keepalived.conf), and what would change it; changes nothing',
    )
    .action(async (_flags: unknown, self: Command) => {
      const { options, cluster } = await given(self);
      await withDirectors(cluster, options, async (hosts, signal) => {
        print(
          (await plansOf(cluster, hosts, signal)).map(({ text, json }) => ({ text, json })),
          options,
        );
      });
    });
  withDryRun(command.command('apply'))
    .description('install the declared rules on every director, or on none; keeps what leads back')
    .action(async (_flags: unknown, self: Command) => {
      const { options, cluster } = await given(self);
      mustBeManaged(cluster);
      await withConsent(cluster, options, 'rules apply', async (hosts, signal, consent) => {
        const reading = new Reading(cluster);
        const found = options.dryRun ? hosts.map((host) => reading.host(host)) : hosts;
        const watched = await standbysFirst(found, cluster.virtualServices, signal);
        await Promise.all(watched.map((host) => mustNotBeOwned(cluster, host, signal)));
        const plans = await plansOf(cluster, watched, signal, 'ours');
        if (options.dryRun && cluster.rules.managedBy === 'ipvsadm') {
          const rules = plans.flatMap(({ ipvsadm }) => ipvsadm ?? []);
          const { missing } = rehearsedConsent(cluster, options, { tiers: ['change'] });
          const rehearsal = rehearseApply(cluster, rules, reading.reads);
          printDryRun({ cluster, command: 'rules apply', tiers: ['read', 'change'], missing, rehearsal }, options);
          return;
        }
        const changing = plans.some(({ changes }) => changes);
        await finish({ cluster, options, plans, changing, consent, done: 'applied' }, () =>
          applyPlans(cluster, plans, installation('rules apply', options, signal)),
        );
      });
    });
  withDryRun(command.command('save'))
    .description('have the rules as they are in the kernel loaded at the next boot, in the way each director does that')
    .action(async (_flags: unknown, self: Command) => {
      const { options, cluster } = await given(self);
      mustBeManaged(cluster);
      if (cluster.rules.managedBy === 'keepalived') {
        const text =
          'nothing to save: keepalived makes the rules from keepalived.conf at every start (ipvet rules plan compares)\n';
        print([{ text, json: { saved: false, reason: text.trim() } }], options);
        return;
      }
      await withConsent(cluster, options, 'rules save', async (hosts, signal, consent) => {
        await Promise.all(hosts.map((host) => mustNotBeOwned(cluster, host, signal)));
        const found = await Promise.all(hosts.map((host) => planSave(cluster, host, signal)));
        const plans = found.map((plan) => ({
          text: saveText(plan),
          json: {
            director: plan.host.declaration.name,
            kind: plan.persistence.kind,
            because: plan.persistence.because,
            commands: deeds(plan.job),
            diff: plan.diff,
            absent: plan.absent,
            notes: plan.notes,
          },
        }));
        const changing = found.some(savesAnything);
        await finish({ cluster, options, plans, changing, consent, done: 'saved' }, () =>
          applySave(cluster, found, installation('rules save', options, signal)),
        );
      });
    });
  withDryRun(command.command('rollback'))
    .description('take back what the last apply or save did')
    .option('--force', 'also when the rules have changed since', false)
    .action(async ({ force }: { force: boolean }, self: Command) => {
      const { options, cluster } = await given(self);
      await withConsent(cluster, options, 'rules rollback', async (all, signal, consent) => {
        const hosts = await standbysFirst(all, cluster.virtualServices, signal);
        const text = await rollbackText(cluster, hosts, options);
        if (options.dryRun) {
          process.stdout.write(text);
          return;
        }
        await consent(() => Promise.resolve(text));
        await rollBackAll(cluster, hosts, { ...installation('rules rollback', options, signal), force }, options);
      });
    });
  return command;
}

interface Deed {
  readonly cluster: Cluster;
  readonly options: GlobalOptions;
  readonly plans: readonly Shown[];
  readonly changing: boolean;
  readonly consent: Consenting;
  readonly done: string;
}

/** Shows the plans, asks where there is something to change and somebody to ask, and does it. */
async function finish({ options, plans, changing, consent, done }: Deed, work: () => Promise<readonly string[]>) {
  if (!changing || options.dryRun) {
    print(plans, options);
    if (changing && !options.json) process.stdout.write('dry run: nothing was changed\n');
    return;
  }
  const text = plans.map((plan) => plan.text).join('');
  const asked = await consent(() => Promise.resolve(shown(text)));
  if (!options.json && !asked) process.stdout.write(shown(text));
  const files = await work().catch(tellWhatIsLeft);
  if (files === undefined) return;
  if (options.json) print(plans, options);
  else if (!options.quiet) process.stdout.write(`${done}; ipvet rules rollback takes it back (${files.join(', ')})\n`);
}

function print(plans: readonly Shown[], options: GlobalOptions): void {
  if (!options.json) process.stdout.write(shown(plans.map(({ text }) => text).join('')));
  else process.stdout.write(`${jsonText({ directors: plans.map(({ json }) => json) }, 2)}\n`);
}

async function given(self: Command) {
  const options = globalOptions(self);
  return { options, cluster: await clusterOf(options) };
}

async function rollbackText(cluster: Cluster, hosts: readonly Host[], options: GlobalOptions): Promise<string> {
  const lines: string[] = [];
  for (const { declaration } of hosts) {
    const last = (await readApplied(rollbackPath(options.out, cluster.name, declaration.name))).at(-1);
    if (last === undefined) lines.push(`${declaration.name}: nothing to take back`);
    else if (isAppliedFiles(last))
      lines.push(
        `${declaration.name}: put back ${last.files.map(({ path }) => path).join(', ')} as before ${last.appliedAt}`,
      );
    else
      lines.push(
        `${declaration.name}: take back what was applied at ${last.appliedAt}`,
        ...last.undo.map((argv) => `  ${argv.join(' ')}`),
      );
  }
  return shown(lines.map((line) => `${line}\n`).join(''));
}

async function rollBackAll(
  cluster: Cluster,
  hosts: readonly Host[],
  how: InstallationOptions & { readonly force: boolean },
  options: GlobalOptions,
): Promise<void> {
  const results = [];
  for (const host of hosts) {
    const director = host.declaration.name;
    const last = (await readApplied(rollbackPath(how.outDirectory, cluster.name, director))).at(-1);
    const work =
      last !== undefined && isAppliedFiles(last)
        ? rollBackFiles(cluster, host, last, last.kind === 'keepalived' ? keepalivedWatch(cluster) : saveWatch, how)
        : rollBack(cluster, host, how);
    const result = await work.catch(tellWhatIsLeft);
    results.push(result ?? { director, commands: [] });
    if (options.json) continue;
    process.stdout.write(result === undefined ? `${director}: nothing to take back\n` : `${director}: taken back\n`);
    for (const command of result?.commands ?? []) process.stdout.write(`  ${command}\n`);
  }
  if (options.json) process.stdout.write(`${jsonText({ directors: results }, 2)}\n`);
}

function installation(purpose: string, options: GlobalOptions, signal: AbortSignal): InstallationOptions {
  return {
    outDirectory: options.out,
    signal,
    guard: {
      holder: thisHolder(newRunId(), purpose),
      // Taking back comes after an interruption, so the guard does not end with it.
      signal: new AbortController().signal,
      ...stealing(options),
    },
  };
}

/** Rules that nobody is declared to look after are looked at, not changed. */
function mustBeManaged(cluster: Cluster): void {
  if (cluster.rules.managedBy !== 'none') return;
  throw new IpvetError('REFUSED', `${cluster.file} says that the rules are managed by none`, {
    hint: 'set `rules: { managed_by: ipvsadm }` (or keepalived) to have ipvet install them',
  });
}

/** Throws the error again unless something could not be taken back: that is louder than its cause, and exit code 6. */
function tellWhatIsLeft(error: unknown): undefined {
  if (!(error instanceof InstallationError) || error.left.length === 0) throw error;
  say(`ipvet: ${error.message}`);
  tell(error.left);
  process.exitCode = exitCodes.restoreFailed;
}

function tell(failures: readonly UndoFailure[]): void {
  for (const { host, command, error } of failures) say(`not taken back: on ${host}: ${command} (${error.message})`);
}
