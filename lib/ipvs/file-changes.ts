/** Files of the directors changed for good: all of them on every director, or none, also when the runner dies on the way. */
import { createHash } from 'node:crypto';
import { applyPatch, createPatch } from 'diff';
import type { Guard } from '../changes/guard.ts';
import { Guards } from '../changes/guards.ts';
import { asIpvetError, IpvetError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import { disableIpvsadm, enableIpvsadm } from '../privileges/index.ts';
import { redactor } from '../redaction.ts';
import type { Host } from '../ssh/host.ts';
import { checkExit } from '../ssh/outcome.ts';
import { type DirectorFile, type FileEdit, putFile, readDirectorFile } from './director-files.ts';
import { afterFailure, InstallationError, type InstallationOptions, type Step, takeBack } from './installation.ts';
import { keepalivedFile } from './keepalived-files.ts';
import { debianDefaults, debianRules, sysconfig } from './persistence.ts';
import {
  type Applied,
  type AppliedFile,
  type AppliedFiles,
  readApplied,
  rollbackPath,
  writeApplied,
} from './rollback-file.ts';

export interface FileJob {
  readonly host: Host;
  readonly kind: AppliedFiles['kind'];
  readonly edits: readonly FileEdit[];
  /** What to do with ipvsadm.service besides. */
  readonly unit?: 'enable' | 'disable';
}

/** What is looked at around the change; both throw when it must not be, or must be taken back. */
export interface FileJobWatch {
  readonly before: (job: FileJob, signal: AbortSignal) => Promise<void>;
  readonly after: (job: FileJob, signal: AbortSignal) => Promise<void>;
}

/**
 * Throws LOCKED, UNGUARDED and REFUSED with nothing changed; else InstallationError after having taken everything back.
 * Resolves with the rollback files.
 */
export async function changeFiles(
  cluster: Cluster,
  jobs: readonly FileJob[],
  watch: FileJobWatch,
  options: InstallationOptions,
): Promise<readonly string[]> {
  const guards = await Guards.open(
    jobs.map(({ host }) => host),
    options.guard,
  );
  const steps: Step[] = [];
  const files: { path: string; earlier: readonly Applied[] }[] = [];
  try {
    for (const job of jobs) {
      const director = job.host.declaration.name;
      const path = rollbackPath(options.outDirectory, cluster.name, director);
      const earlier = await readApplied(path);
      const entry = entryOf(job);
      await writeApplied(path, cluster.name, [...earlier, entry]);
      files.push({ path, earlier });
      await change(guards.of(director), job, watch, steps, options.signal);
    }
    options.signal.throwIfAborted();
    for (const { guard, number } of steps) await guard.keep(number);
    return files.map(({ path }) => path);
  } catch (error) {
    const failure = asIpvetError(error, 'INTERNAL', 'change of files');
    throw await afterFailure(failure, options.signal, steps, files, cluster.name);
  } finally {
    await guards.release();
  }
}

export interface FilesRolledBack {
  readonly director: string;
  /** What was done, one line each. */
  readonly commands: readonly string[];
}

/**
 * Takes back files that were put in place last. Throws LOCKED, UNGUARDED; REFUSED when a file has changed since (with
 * `force`: when the changed lines are no longer there); InstallationError after having put them back as they were.
 */
export async function rollBackFiles(
  cluster: Cluster,
  host: Host,
  last: AppliedFiles,
  watch: FileJobWatch,
  options: InstallationOptions & { readonly force: boolean },
): Promise<FilesRolledBack> {
  const director = host.declaration.name;
  const path = rollbackPath(options.outDirectory, cluster.name, director);
  const edits: FileEdit[] = [];
  for (const applied of last.files) {
    const edit = await reversed(host, applied, options);
    if (edit !== undefined) edits.push(edit);
  }
  const job: FileJob = { host, kind: last.kind, edits, ...(last.enabled ? { unit: 'disable' } : {}) };
  const guards = await Guards.open([host], options.guard);
  const steps: Step[] = [];
  try {
    await change(guards.of(director), job, watch, steps, options.signal);
    for (const { guard, number } of steps) await guard.keep(number);
    await writeApplied(path, cluster.name, (await readApplied(path)).slice(0, -1));
    return { director, commands: deeds(job) };
  } catch (error) {
    const failure = asIpvetError(error, 'INTERNAL', 'rules rollback');
    if (steps.length === 0) throw failure;
    throw new InstallationError(failure, await takeBack(steps.toReversed()));
  } finally {
    await guards.release();
  }
}

/** The job as lines to type. */
export function deeds({ edits, unit }: FileJob): readonly string[] {
  return [
    ...edits.flatMap(({ file, after }) =>
      [after === undefined ? file.remove : file.write, file.then].flatMap((command) =>
        command === undefined ? [] : [command.argv.join(' ')],
      ),
    ),
    ...(unit === undefined ? [] : [(unit === 'enable' ? enableIpvsadm : disableIpvsadm).argv.join(' ')]),
  ];
}

async function change(
  guard: Guard,
  job: FileJob,
  watch: FileJobWatch,
  steps: Step[],
  signal: AbortSignal,
): Promise<void> {
  const { host, edits, unit } = job;
  const { name } = host.declaration;
  for (const { file, before } of edits)
    if ((await readDirectorFile(host, file, signal)) !== before)
      throw new IpvetError('REFUSED', `${file.path} of ${name} has changed since the plan was made`, {
        host: name,
        hint: 'look at the new plan (ipvet rules plan), then try again',
      });
  await watch.before(job, signal);
  for (const edit of edits) {
    signal.throwIfAborted();
    await putFile(guard, edit, (number, { script }) => steps.push({ guard, number, undo: script }), signal);
    if ((await readDirectorFile(host, edit.file, signal)) !== edit.after)
      throw new IpvetError('EXEC_FAILED', `${edit.file.path} of ${name} is not as it was written`, { host: name });
  }
  if (unit !== undefined) {
    const [forth, back] = unit === 'enable' ? [enableIpvsadm, disableIpvsadm] : [disableIpvsadm, enableIpvsadm];
    const script = `root ${back.argv.join(' ')} >/dev/null 2>&1\ncase $(systemctl is-enabled ipvsadm 2>/dev/null) in enabled) ${unit === 'enable' ? 'false' : 'true'} ;; *) ${unit === 'enable' ? 'true' : 'false'} ;; esac\n`;
    const number = await guard.register({ host: name, what: `ipvsadm.service of ${name}`, script });
    steps.push({ guard, number, undo: back.argv.join(' ') });
    checkExit(await guard.make(number, forth, '', signal), name);
  }
  await watch.after(job, signal);
}

function entryOf({ host, kind, edits, unit }: FileJob): AppliedFiles {
  return {
    kind,
    director: host.declaration.name,
    appliedAt: new Date().toISOString(),
    enabled: unit === 'enable',
    files: edits.map(({ file, before, after }): AppliedFile => {
      const patch = createPatch(file.path, after ?? '', before ?? '', undefined, undefined, { context: 0 });
      if (redactor.text(patch) !== patch)
        throw new IpvetError('REFUSED', `a line of ${file.path} that would change holds a password`, {
          host: host.declaration.name,
          hint: 'passwords are kept nowhere, so it could not be taken back; edit the file by hand',
        });
      return {
        path: file.path,
        patch,
        ...(before === undefined ? {} : { before: hash(before) }),
        ...(after === undefined ? {} : { after: hash(after) }),
      };
    }),
  };
}

const known: readonly DirectorFile[] = [keepalivedFile, debianRules, debianDefaults, sysconfig];

/** Undefined when the file is as it was before the change. */
async function reversed(
  host: Host,
  applied: AppliedFile,
  { force, signal }: { readonly force: boolean; readonly signal: AbortSignal },
): Promise<FileEdit | undefined> {
  const { name } = host.declaration;
  const file = known.find(({ path }) => path === applied.path);
  if (file === undefined) throw new IpvetError('CONFIG', `${applied.path} is no file that ipvet takes back`);
  const live = await readDirectorFile(host, file, signal);
  const found = live === undefined ? undefined : hash(live);
  if (found === applied.before) return undefined;
  const changed = found !== applied.after;
  const restored = applied.before === undefined ? '' : applyPatch(live ?? '', applied.patch);
  const right = restored !== false && (applied.before === undefined || hash(restored) === applied.before);
  if ((changed && !force) || restored === false || (!changed && !right))
    throw new IpvetError('REFUSED', `${file.path} of ${name} has changed since it was put in place`, {
      host: name,
      hint: force
        ? 'the lines that were changed are no longer there; edit it by hand'
        : 'someone else has edited it; --force takes back the lines that were changed, where they are still there',
    });
  return { file, before: live, after: applied.before === undefined ? undefined : restored };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
