/** Rules put in for good, outside a run: all of it on every director, or none. */
import { asIpvetError, IpvetError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import { parseIpvsRules } from '../parse/ipvs-rules.ts';
import type { Host } from '../ssh/host.ts';
import { applyOperation, readRules, type RulesSnapshot, undoOperation } from './director-rules.ts';
import { planRules, type RulesPlan } from './plan.ts';
import { type AppliedRules, readApplied, rollbackPath, writeApplied } from './rollback-file.ts';
import { rulesLines } from './words.ts';

export interface DirectorPlan {
  readonly host: Host;
  readonly before: RulesSnapshot;
  readonly plan: RulesPlan;
}

export async function planDirector(cluster: Cluster, host: Host, signal: AbortSignal): Promise<DirectorPlan> {
  const before = await readRules(host, signal);
  return { host, before, plan: planRules(cluster, before.rules) };
}

/** An undo that did not work: what is left to do by hand. */
export interface UndoFailure {
  readonly host: string;
  readonly command: string;
  readonly error: IpvetError;
}

/** The change failed; `left` is empty when everything was taken back. */
export class InstallationError extends IpvetError {
  override readonly name = 'InstallationError';
  readonly left: readonly UndoFailure[];

  constructor(cause: IpvetError, left: readonly UndoFailure[]) {
    super(cause.code, cause.message, {
      cause,
      ...(cause.hint === undefined ? {} : { hint: cause.hint }),
      ...(cause.host === undefined ? {} : { host: cause.host }),
    });
    this.left = left;
  }
}

const undoDeadlineMs = 20_000;

/**
 * Applies the plans, reads each director back, and keeps a rollback file for each under `outDirectory`, written before
 * its first change. Throws InstallationError after having taken everything back, also when `signal` fires.
 */
export async function install(
  cluster: Cluster,
  plans: readonly DirectorPlan[],
  outDirectory: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const undoable: { host: Host; undo: readonly string[] }[] = [];
  const files: { path: string; earlier: readonly AppliedRules[] }[] = [];
  try {
    for (const { host, before, plan } of plans) {
      if (plan.operations.length === 0) continue;
      const director = host.declaration.name;
      const path = rollbackPath(outDirectory, cluster.name, director);
      const earlier = await readApplied(path);
      const entry: AppliedRules = {
        director,
        appliedAt: new Date().toISOString(),
        before: before.text,
        undo: plan.operations.map(({ undo }) => undo).toReversed(),
      };
      await writeApplied(path, cluster.name, [...earlier, entry]);
      files.push({ path, earlier });
      for (const operation of plan.operations) {
        signal.throwIfAborted();
        // Registered first: an answer that is lost leaves open whether the change was made.
        undoable.push({ host, undo: operation.undo });
        await applyOperation(host, operation, signal);
      }
      const after = await readRules(host, signal);
      mustBeAsPlanned(cluster, host, plan, after);
      await writeApplied(path, cluster.name, [...earlier, { ...entry, after: after.text }]);
    }
    return files.map(({ path }) => path);
  } catch (error) {
    const failure = signal.aborted
      ? new IpvetError('ABORTED', 'stopped before all rules were in place', { cause: error })
      : asIpvetError(error, 'INTERNAL', 'rules apply');
    const left = await takeBack(undoable.toReversed());
    // With something left to undo the files are what tells how.
    if (left.length === 0)
      for (const { path, earlier } of files) await writeApplied(path, cluster.name, earlier).catch(() => undefined);
    throw new InstallationError(failure, left);
  }
}

/** Throws EXEC_FAILED when the director shows other rules than it was given. */
export function mustBeAsPlanned(cluster: Cluster, host: Host, planned: RulesPlan, after: RulesSnapshot): void {
  const { operations, untouched } = planRules(cluster, after.rules);
  const { name } = host.declaration;
  const hint = 'look for something else that edits the rules: keepalived, kube-proxy, a second ipvet';
  if (operations.length > 0)
    throw new IpvetError(
      'EXEC_FAILED',
      `${name} accepted the rules and shows others: ${operations.map(({ description }) => description).join('; ')}`,
      { host: name, hint },
    );
  const gone = planned.untouched.filter((service) => !untouched.includes(service));
  if (gone.length > 0)
    throw new IpvetError('EXEC_FAILED', `${name} lost a service that was not to be touched: ${gone.join(', ')}`, {
      host: name,
      hint,
    });
}

/** Every undo is tried, with a deadline of its own, whatever became of the ones before. */
async function takeBack(steps: readonly { host: Host; undo: readonly string[] }[]): Promise<readonly UndoFailure[]> {
  const failures: UndoFailure[] = [];
  for (const { host, undo } of steps) {
    try {
      await undoOperation(host, { undo }, AbortSignal.timeout(undoDeadlineMs));
    } catch (error) {
      const command = undo.join(' ');
      failures.push({ host: host.declaration.name, command, error: asIpvetError(error, 'INTERNAL', command) });
    }
  }
  return failures;
}

export interface RolledBack {
  readonly director: string;
  readonly commands: readonly string[];
  readonly failures: readonly UndoFailure[];
  /** Lines of the touched services that are not as they were before apply; empty when all is. */
  readonly differing: readonly string[];
}

/**
 * Takes back what was applied last on the director. Undefined when nothing was. Throws REFUSED when the services that
 * apply touched are no longer as it left them, unless `force`.
 */
export async function rollBack(
  cluster: Cluster,
  host: Host,
  outDirectory: string,
  options: { readonly force: boolean; readonly signal: AbortSignal },
): Promise<RolledBack | undefined> {
  const director = host.declaration.name;
  const path = rollbackPath(outDirectory, cluster.name, director);
  const applied = await readApplied(path);
  const last = applied.at(-1);
  if (last === undefined) return undefined;
  const touched = new Set(last.undo.map((argv) => serviceOf(argv.slice(1))));
  const live = touchedLines((await readRules(host, options.signal)).text, touched);
  if (!options.force) mustBeAsLeft(director, last, live, touched);

  const failures = await takeBack(last.undo.map((undo) => ({ host, undo })));
  const now = touchedLines((await readRules(host, AbortSignal.timeout(undoDeadlineMs))).text, touched);
  const wanted = touchedLines(last.before, touched);
  const differing = [...wanted.filter((line) => !now.includes(line)), ...now.filter((line) => !wanted.includes(line))];
  if (failures.length === 0 && differing.length === 0) await writeApplied(path, cluster.name, applied.slice(0, -1));
  return { director, commands: last.undo.map((argv) => argv.join(' ')), failures, differing };
}

function mustBeAsLeft(
  director: string,
  last: AppliedRules,
  live: readonly string[],
  touched: ReadonlySet<string>,
): void {
  if (last.after === undefined)
    throw new IpvetError(
      'REFUSED',
      `the apply of ${last.appliedAt} on ${director} was cut short, so how it left the rules is not known`,
      {
        host: director,
        hint: 'look at `ipvet rules plan`, then take back what was done with --force',
      },
    );
  const left = touchedLines(last.after, touched);
  const changed = [...left.filter((line) => !live.includes(line)), ...live.filter((line) => !left.includes(line))];
  if (changed.length > 0)
    throw new IpvetError(
      'REFUSED',
      `the rules of ${director} have changed since they were applied at ${last.appliedAt}: ${changed.join('; ')}`,
      {
        host: director,
        hint: 'someone else has edited these services; --force takes back all the same',
      },
    );
}

/** `-t 10.0.0.1:80` of the words after `ipvsadm`. */
function serviceOf([, flag = '', name = '']: readonly string[]): string {
  return `${flag} ${name}`;
}

function touchedLines(text: string, touched: ReadonlySet<string>): readonly string[] {
  return rulesLines(parseIpvsRules(text)).filter((line) => touched.has(serviceOf(line.split(' '))));
}
