/** Rules put in for good, outside a run: all of it on every director, or none, also when the runner dies on the way. */
import type { Guard, GuardOptions } from '../changes/guard.ts';
import { Guards } from '../changes/guards.ts';
import { asIpvetError, IpvetError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Host } from '../ssh/host.ts';
import { linesAbout, rulesBatch, type RulesBatch } from './batch.ts';
import { applyBatch, readRules, type RulesSnapshot } from './director-rules.ts';
import { planRules, type RulesPlan } from './plan.ts';
import {
  type Applied,
  type AppliedRules,
  isAppliedFiles,
  readApplied,
  rollbackPath,
  writeApplied,
} from './rollback-file.ts';

export interface DirectorPlan {
  readonly host: Host;
  readonly before: RulesSnapshot;
  readonly plan: RulesPlan;
}

export async function planDirector(cluster: Cluster, host: Host, signal: AbortSignal): Promise<DirectorPlan> {
  const before = await readRules(host, signal);
  return { host, before, plan: planRules(cluster, before.rules) };
}

/** An undo that did not work: what is left to do by hand. The host's guard goes on trying. */
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

export interface InstallationOptions {
  readonly outDirectory: string;
  /** Stops the work, which then takes everything back. */
  readonly signal: AbortSignal;
  /** `signal` of it is the life of the connections. */
  readonly guard: GuardOptions;
}

const undoDeadlineMs = 30_000;

export interface Step {
  readonly guard: Guard;
  readonly number: number;
  readonly undo: string;
}

/**
 * Applies the plans, reads each director back, and keeps a rollback file for each under `outDirectory`. Throws LOCKED,
 * UNGUARDED and REFUSED (a director is no longer as the plan found it) with nothing changed; else InstallationError
 * after having taken everything back, also when `signal` fires.
 */
export async function install(
  cluster: Cluster,
  plans: readonly DirectorPlan[],
  options: InstallationOptions,
): Promise<readonly string[]> {
  const needed = plans.filter(({ plan }) => plan.operations.length > 0);
  const guards = await Guards.open(
    needed.map(({ host }) => host),
    options.guard,
  );
  const steps: Step[] = [];
  const files: { path: string; earlier: readonly Applied[]; entry: AppliedRules }[] = [];
  try {
    for (const planned of needed) {
      const { host, plan } = planned;
      const { batch, before } = await sameAsPlanned(cluster, planned, options.signal);
      const director = host.declaration.name;
      const path = rollbackPath(options.outDirectory, cluster.name, director);
      const earlier = await readApplied(path);
      const entry: AppliedRules = {
        director,
        appliedAt: new Date().toISOString(),
        before: before.saved,
        commands: batch.operations.map(({ argv }) => argv),
        undo: batch.operations.map(({ undo }) => undo).toReversed(),
      };
      await writeApplied(path, cluster.name, [...earlier, entry]);
      files.push({ path, earlier, entry });
      await change(guards.of(director), batch, steps, options.signal);
      const after = await readRules(host, options.signal);
      mustBeAsPlanned(cluster, host, plan, after);
      files.splice(-1, 1, { path, earlier, entry: { ...entry, after: after.saved } });
    }
    options.signal.throwIfAborted();
    // From here on the rules stay; with all guards told, the files say how they were left.
    for (const { guard, number } of steps) await guard.keep(number);
    for (const { path, earlier, entry } of files) await writeApplied(path, cluster.name, [...earlier, entry]);
    return files.map(({ path }) => path);
  } catch (error) {
    throw await afterFailure(
      asIpvetError(error, 'INTERNAL', 'rules apply'),
      options.signal,
      steps,
      files,
      cluster.name,
    );
  } finally {
    await guards.release();
  }
}

/** Takes `steps` back; where all of it worked, the rollback files say again what they said before. */
export async function afterFailure(
  error: IpvetError,
  signal: AbortSignal,
  steps: readonly Step[],
  files: readonly { readonly path: string; readonly earlier: readonly Applied[] }[],
  cluster: string,
): Promise<InstallationError> {
  const failure = signal.aborted
    ? new IpvetError('ABORTED', 'stopped before everything was in place', { cause: error })
    : error;
  const left = await takeBack(steps.toReversed());
  // With something left to undo the files are what tells how.
  if (left.length === 0)
    for (const { path, earlier } of files) await writeApplied(path, cluster, earlier).catch(() => undefined);
  return new InstallationError(failure, left);
}

/** Under the lock: between the question and the answer somebody else may have been at work. */
async function sameAsPlanned(
  cluster: Cluster,
  planned: DirectorPlan,
  signal: AbortSignal,
): Promise<{ batch: RulesBatch; before: RulesSnapshot }> {
  const { name } = planned.host.declaration;
  const { before, plan } = await planDirector(cluster, planned.host, signal);
  const batch = rulesBatch(name, plan, before);
  if (batch.input === rulesBatch(name, planned.plan, planned.before).input) return { batch, before };
  throw new IpvetError('REFUSED', `the rules of ${name} have changed since the plan was made`, {
    host: name,
    hint: 'look at the new plan (ipvet rules plan), then apply again',
  });
}

async function change(guard: Guard, batch: RulesBatch, steps: Step[], signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const number = await guard.register(batch.undo);
  steps.push({ guard, number, undo: `ipvsadm -R <<'RULES'\n${batch.undoInput}RULES` });
  await applyBatch(guard, number, batch, signal);
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
export async function takeBack(steps: readonly Step[]): Promise<readonly UndoFailure[]> {
  const failures: UndoFailure[] = [];
  for (const { guard, number, undo } of steps) {
    try {
      await guard.undo(number, AbortSignal.timeout(undoDeadlineMs));
    } catch (error) {
      const failure = asIpvetError(error, 'INTERNAL', 'undo');
      failures.push({ host: guard.host.declaration.name, command: undo, error: failure });
    }
  }
  return failures;
}

export interface RolledBack {
  readonly director: string;
  readonly commands: readonly string[];
}

/**
 * Takes back the rules that were applied last on the director. Undefined when none were. Throws LOCKED, UNGUARDED; REFUSED when
 * the services that apply touched are no longer as it left them, unless `force`; InstallationError when it failed,
 * after having put the rules back as they were before the rollback.
 */
export async function rollBack(
  cluster: Cluster,
  host: Host,
  options: InstallationOptions & { readonly force: boolean },
): Promise<RolledBack | undefined> {
  const director = host.declaration.name;
  const path = rollbackPath(options.outDirectory, cluster.name, director);
  const applied = await readApplied(path);
  const last = applied.at(-1);
  if (last === undefined || isAppliedFiles(last)) return undefined;
  const guards = await Guards.open([host], options.guard);
  const steps: Step[] = [];
  try {
    const live = await readRules(host, options.signal);
    const batch = rulesBatch(director, { operations: inverse(last) }, live);
    if (!options.force) mustBeAsLeft(last, linesAbout(batch.touched, live.saved), batch.touched);
    try {
      await change(guards.of(director), batch, steps, options.signal);
    } catch (error) {
      // With --force lines may be undone already, and ipvsadm says so: what counts is how the rules are then.
      if (!options.force || asIpvetError(error, 'INTERNAL', '').code !== 'EXEC_FAILED') throw error;
    }
    const now = linesAbout(batch.touched, (await readRules(host, options.signal)).saved);
    const wanted = linesAbout(batch.touched, last.before);
    const differing = difference(wanted, now);
    if (differing.length > 0)
      throw new IpvetError('EXEC_FAILED', `${director} is not as it was before the apply: ${differing.join('; ')}`, {
        host: director,
        hint: 'look for something else that edits the rules: keepalived, kube-proxy, a second ipvet',
      });
    for (const { guard, number } of steps) await guard.keep(number);
    await writeApplied(path, cluster.name, applied.slice(0, -1));
    return { director, commands: last.undo.map((argv) => argv.join(' ')) };
  } catch (error) {
    const failure = asIpvetError(error, 'INTERNAL', 'rules rollback');
    if (steps.length === 0) throw failure;
    throw new InstallationError(failure, await takeBack(steps));
  } finally {
    await guards.release();
  }
}

/** What leads back, as operations whose undo leads forth again. */
function inverse({ commands, undo, director }: AppliedRules): RulesPlan['operations'] {
  const forth = commands.toReversed();
  return undo.map((argv, index) => ({
    kind: 'edit-service',
    service: director,
    description: argv.join(' '),
    argv,
    undo: forth[index] ?? [],
  }));
}

function mustBeAsLeft(last: AppliedRules, live: readonly string[], touched: readonly string[]): void {
  const { director, appliedAt } = last;
  if (last.after === undefined)
    throw new IpvetError(
      'REFUSED',
      `the apply of ${appliedAt} on ${director} was cut short, so how it left the rules is not known`,
      {
        host: director,
        hint: 'look at `ipvet rules plan`, then take back what was done with --force',
      },
    );
  const changed = difference(linesAbout(touched, last.after), live);
  if (changed.length > 0)
    throw new IpvetError(
      'REFUSED',
      `the rules of ${director} have changed since they were applied at ${appliedAt}: ${changed.join('; ')}`,
      {
        host: director,
        hint: 'someone else has edited these services; --force takes back all the same',
      },
    );
}

function difference(wanted: readonly string[], found: readonly string[]): readonly string[] {
  return [
    ...wanted.filter((line) => !found.includes(line)).map((line) => `- ${line}`),
    ...found.filter((line) => !wanted.includes(line)).map((line) => `+ ${line}`),
  ];
}
