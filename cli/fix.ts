/** `ipvet fix`: remedies of findings as patches to read, done under a guard, and taken back. */
import { join } from 'node:path';
import { Command } from 'commander';
import { newRunId, thisHolder } from '../lib/changes/holder.ts';
import type { GuardOptions } from '../lib/changes/guard.ts';
import { asIpvetError, IpvetError } from '../lib/errors.ts';
import { applyFixes } from '../lib/fixes/application.ts';
import { type FixDocument, hostsOfFixes } from '../lib/fixes/document.ts';
import { fixLacking } from '../lib/fixes/host-fix.ts';
import { patchFiles } from '../lib/fixes/patch.ts';
import { isFinding, planFixes } from '../lib/fixes/plan.ts';
import { readRecord, toTakeBack, writePatch, writeRecord } from '../lib/fixes/record-file.ts';
import { takeBackFixes } from '../lib/fixes/return.ts';
import type { Cluster } from '../lib/model/cluster.ts';
import { jsonText } from '../lib/model/json-text.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import { exitCodes } from '../lib/run/outcome.ts';
import { connectFleet } from '../lib/ssh/fleet.ts';
import type { Host } from '../lib/ssh/host.ts';
import { interruptible } from './allowed-run.ts';
import { type Catalogue, catalogueFor } from './catalogue.ts';
import { canAsk, requireConsent, stealing } from './consent.ts';
import { withHosts } from './directors.ts';
import { judgeAgain, judgeFindings, type Judging, mustBeFindings } from './fix-judging.ts';
import { deedText, outcomeText, planText, returnText } from './fix-text.ts';
import { clusterOf, type GlobalOptions, globalOptions, prompter, withDryRun } from './options.ts';
import { progressListener } from './progress.ts';
import { storedRecord } from './stored-run.ts';
import { say, shown } from './terminal.ts';

const findingsWords = 'check ids, CHECK@HOST, or folders of checks (default: all that failed or warned)';

export function fixCommand(): Command {
  const command = new Command('fix').description('remedies of findings: as patches to read, done, taken back');
  command
    .command('plan')
    .description('judge, and write for each host a patch (sh, Ansible) with its undo; changes nothing')
    .argument('[finding...]', findingsWords)
    .option('--run <run>', 'of a stored run (folder, id, latest) in place of judging now')
    .action(async (words: string[], { run }: { run?: string }, self: Command) => {
      const { options, cluster, catalogue } = await given(self);
      mustBeFindings(words, catalogue, cluster);
      const record =
        run === undefined
          ? await interruptible((signal) =>
              judgeFindings({ cluster, catalogue, options, command: 'fix plan' }, words, {
                signal,
                onEvent: progressListener(options),
              }),
            )
          : await storedRecord(run, options.out);
      if (run === undefined && record.interrupted === 'signal') {
        process.exitCode = record.exitCode;
        return;
      }
      const document = documentOf(record, words, { cluster, catalogue, options });
      const files =
        document.fixes.length === 0 ? [] : await writePatch(folderOf(options, document), patchFiles(document, cluster));
      if (options.json) process.stdout.write(`${jsonText({ ...document, files }, 2)}\n`);
      else
        process.stdout.write(
          shown(`${planText(document)}${files.length === 0 ? '' : '\n'}${files.map((file) => `${file}\n`).join('')}`),
        );
      if (document.undecided.length > 0) process.exitCode = exitCodes.inconclusive;
    });
  withDryRun(command.command('apply'))
    .description('do it on the hosts, look again over new connections, and keep only what passes; guarded')
    .argument('[finding...]', findingsWords)
    .action(async (words: string[], _flags: unknown, self: Command) => {
      const { options, cluster, catalogue } = await given(self);
      mustBeFindings(words, catalogue, cluster);
      await apply({ cluster, catalogue, options, command: 'fix apply' }, words);
    });
  withDryRun(command.command('undo'))
    .description('take back what fix apply did, where it is still as that left it')
    .argument('[run]', 'folder or id of the fix, or latest', 'latest')
    .option('--force', 'also where somebody has changed it since', false)
    .action(async (wanted: string, { force }: { force: boolean }, self: Command) => {
      const { options, cluster } = await given(self);
      await undo(cluster, options, wanted, force);
    });
  return command;
}

async function given(self: Command) {
  const options = globalOptions(self);
  const cluster = await clusterOf(options);
  return { options, cluster, catalogue: await catalogueFor(cluster) };
}

function folderOf(options: GlobalOptions, { id }: FixDocument): string {
  return join(options.out, id);
}

function documentOf(
  record: RunRecord,
  words: readonly string[],
  {
    cluster,
    catalogue,
    options,
  }: { readonly cluster: Cluster; readonly catalogue: Catalogue; readonly options: GlobalOptions },
): FixDocument {
  if (record.cluster.name !== cluster.name)
    throw new IpvetError(
      'CONFIG',
      `run ${record.id} is of ${record.cluster.name}, and the cluster file of ${cluster.name}`,
      {
        hint: 'give the cluster file it was made with: -i',
      },
    );
  const verdicts = record.verdicts
    .filter((verdict) => words.length === 0 || words.some((word) => isFinding(word, verdict)))
    .filter(({ subject }) => options.limit.length === 0 || options.limit.includes(subject.host ?? ''));
  const plan = planFixes(verdicts, {
    limit: options.limit,
    why: (id) => catalogue.checks.find((check) => check.id === id)?.doc.why,
  });
  return {
    format: 'ipvet-fix/1',
    id: `fix-${newRunId()}`,
    cluster: { name: cluster.name, environment: cluster.environment },
    run: {
      id: record.id,
      judgedAt: record.endedAt,
      ageS: Math.max(0, Math.round((Date.now() - Date.parse(record.endedAt)) / 1000)),
    },
    undecided: verdicts
      .filter(({ outcome }) => outcome === 'error' || outcome === 'not-run')
      .map(({ check, subject, reason = '' }) => ({ check, host: subject.host ?? '', reason })),
    fixes: plan.fixes.map((fix) => ({ ...fix, state: 'planned' })),
    left: plan.left,
  };
}

async function apply(judging: Judging, words: readonly string[]): Promise<void> {
  const { cluster, catalogue, options } = judging;
  // Without consent, and with nobody to ask, no host is touched.
  if (!options.dryRun && !canAsk(options)) await consent(cluster, options, 'fix apply', '');
  const record = await interruptible((signal) =>
    judgeFindings(judging, words, { signal, onEvent: progressListener(options) }),
  );
  if (record.interrupted === 'signal') {
    process.exitCode = record.exitCode;
    return;
  }
  const document = documentOf(record, words, { cluster, catalogue, options });
  const folder = folderOf(options, document);
  if (document.fixes.length === 0) {
    print(document, planText(document), options);
    process.exitCode = codeOf(document);
    return;
  }
  await writePatch(folder, patchFiles(document, cluster));
  await withHosts(cluster, hostsOfFixes(document), options, async (hosts, signal) => {
    const text = `${planText(document)}\n${deedText(document, (name) => userOf(hosts, name), 'apply')}`;
    if (options.dryRun) {
      print(document, `${text}dry run: nothing was changed\n`, options);
      return;
    }
    await mustBeAllowed(cluster, hosts, (host) => join(folder, `${host}.sh`), signal);
    if (!(await consent(cluster, options, 'fix apply', text)) && !options.json) process.stdout.write(shown(text));
    await writeRecord(folder, document);
    const { document: done, error } = await applyFixes({
      document,
      folder,
      hosts,
      guard: guardOptions('fix apply', options),
      signal,
      recheck: (findings, until) => judgeAgain(judging, findings, { out: join(folder, 'looks'), signal: until }),
      tell: options.quiet ? () => undefined : say,
    });
    print(done, outcomeText(done), options);
    finish(done, error, signal);
    if (!options.json && !options.quiet && done.fixes.some(({ state }) => state === 'kept'))
      process.stdout.write(shown(`ipvet fix undo ${done.id} takes it back (${folder})\n`));
  });
}

async function undo(cluster: Cluster, options: GlobalOptions, wanted: string, force: boolean): Promise<void> {
  const { folder, document } = await readRecord(options.out, wanted, cluster.name);
  const fixes = toTakeBack(document);
  if (fixes.length === 0) {
    print(document, `${document.id}: nothing to take back\n`, options);
    return;
  }
  const text = returnText(document, fixes);
  if (options.dryRun) {
    print(document, `${text}dry run: nothing was changed\n`, options);
    return;
  }
  if (!canAsk(options)) await consent(cluster, options, 'fix undo', '');
  await withHosts(cluster, hostsOfFixes({ fixes }), options, async (hosts, signal) => {
    await mustBeAllowed(cluster, hosts, (host) => join(folder, `${host}-undo.sh`), signal);
    if (!(await consent(cluster, options, 'fix undo', text)) && !options.json) process.stdout.write(shown(text));
    const result = await takeBackFixes({
      document,
      folder,
      hosts,
      guard: guardOptions('fix undo', options),
      signal,
      force,
      reach: (names, until) => reach(cluster, names, options, until),
      tell: options.quiet ? () => undefined : say,
    });
    print(result.document, result.error === undefined ? outcomeText(result.document) : '', options);
    if (result.unsure.length > 0) {
      say(
        `ipvet: ${result.unsure.join(', ')}: neither taken back nor known to be as before; the guard there goes on trying`,
      );
      process.exitCode = exitCodes.restoreFailed;
    } else if (result.error !== undefined) throw result.error;
  });
}

/** True when the question was put, after showing the text. */
async function consent(cluster: Cluster, options: GlobalOptions, command: string, text: string): Promise<boolean> {
  let put = false;
  await requireConsent(cluster, options, {
    command,
    tiers: ['change'],
    change: 'changes hosts as root',
    show: () => {
      put = true;
      return Promise.resolve(shown(text));
    },
  });
  return put;
}

function guardOptions(purpose: string, options: GlobalOptions): GuardOptions {
  return {
    holder: thisHolder(newRunId(), purpose),
    // Taking back comes after an interruption, so the guard does not end with it.
    signal: new AbortController().signal,
    ...stealing(options),
  };
}

/** Throws REFUSED with what sudo lacks on each host; nothing was changed. */
async function mustBeAllowed(
  cluster: Cluster,
  hosts: readonly Host[],
  patchOf: (host: string) => string,
  signal: AbortSignal,
): Promise<void> {
  const lacking = await Promise.all(
    hosts.map((host) => fixLacking(host, cluster.ssh.become, patchOf(host.declaration.name), signal)),
  );
  const refusals = lacking.filter((error) => error !== undefined);
  const [first] = refusals;
  if (first === undefined) return;
  throw new IpvetError('REFUSED', refusals.map(({ message }) => message).join('\n'), {
    hint: refusals.map(({ hint = '' }) => hint).join('\n  '),
    cause: first,
  });
}

/** Over connections of its own: an undo may have cut off the way in. */
async function reach(
  cluster: Cluster,
  names: readonly string[],
  options: GlobalOptions,
  signal: AbortSignal,
): Promise<void> {
  const prompt = prompter(options);
  const fleet = connectFleet(cluster, { signal, ...(prompt === undefined ? {} : { prompt }) });
  try {
    await Promise.all(names.map(async (name) => (await fleet.host(name)).exec(['true'])));
  } finally {
    await fleet.close();
  }
}

function userOf(hosts: readonly Host[], name: string): string {
  return hosts.find(({ declaration }) => declaration.name === name)?.user ?? '';
}

function print(document: FixDocument, text: string, options: GlobalOptions): void {
  process.stdout.write(options.json ? `${jsonText(document, 2)}\n` : shown(text));
}

function finish(document: FixDocument, error: IpvetError | undefined, signal: AbortSignal): void {
  if (document.fixes.some(({ state }) => state === 'unknown')) {
    for (const { host, undo: lines, state } of document.fixes)
      if (state === 'unknown') say(`not taken back: on ${host}: ${lines.join('; ')}`);
    process.exitCode = exitCodes.restoreFailed;
  } else if (signal.aborted) throw asIpvetError(error, 'ABORTED', 'fix apply');
  else if (error !== undefined) throw error;
  else process.exitCode = codeOf(document);
}

/** 0 only when nothing that failed is left, and nothing was left unseen. */
function codeOf({ fixes, left, undecided }: FixDocument): number {
  if (fixes.some(({ state }) => state !== 'kept') || left.some(({ finding }) => finding.outcome === 'fail'))
    return exitCodes.fail;
  return undecided.length > 0 ? exitCodes.inconclusive : exitCodes.pass;
}
