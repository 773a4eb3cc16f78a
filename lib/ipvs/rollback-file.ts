/** What `rules apply` and `rules save` leave behind for `rules rollback`: one file a director, a stack of what was applied. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { IpvetError } from '../errors.ts';

export interface AppliedRules {
  readonly director: string;
  /** ISO 8601, UTC. */
  readonly appliedAt: string;
  /** Lines of `ipvsadm -Sn` as found. */
  readonly before: readonly string[];
  /** The same as left; absent when apply was killed before it was done. */
  readonly after?: readonly string[];
  /** What was done, in order. */
  readonly commands: readonly (readonly string[])[];
  /** What leads back, in the order to run it: the inverse of each command, the last one first. */
  readonly undo: readonly (readonly string[])[];
}

/** Files put in place: keepalived.conf, or what keeps the rules over a reboot. */
export interface AppliedFiles {
  readonly kind: 'keepalived' | 'saved';
  readonly director: string;
  /** ISO 8601, UTC. */
  readonly appliedAt: string;
  readonly files: readonly AppliedFile[];
  /** ipvsadm.service was not enabled before. */
  readonly enabled: boolean;
}

export interface AppliedFile {
  readonly path: string;
  /** SHA-256 of the file as found and as left; absent when there was none. */
  readonly before?: string;
  readonly after?: string;
  /** Unified diff that leads back, without lines of context: no line that was not changed is kept here. */
  readonly patch: string;
}

export type Applied = AppliedRules | AppliedFiles;

export function isAppliedFiles(applied: Applied): applied is AppliedFiles {
  return 'kind' in applied;
}

interface RollbackFile {
  readonly format: 'ipvet-rollback/2';
  readonly cluster: string;
  /** The last one is the one to take back first. */
  readonly applied: readonly Applied[];
}

export function rollbackPath(outDirectory: string, cluster: string, director: string): string {
  return join(outDirectory, 'rules', `${cluster}-${director}.json`);
}

/** Empty when there is no file. Throws CONFIG for a file that is not one of ours, STORAGE when it cannot be read. */
export async function readApplied(path: string): Promise<readonly Applied[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new IpvetError('STORAGE', `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    const file: unknown = JSON.parse(text);
    if (isRollbackFile(file)) return file.applied;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new IpvetError('CONFIG', `${path} is not a rollback file of this version`, {
    hint: 'restore the rules by hand: ipvsadm -Sn shows them, ipvsadm -R reads them',
  });
}

/** Whole or not at all: a crash leaves the old file. Without entries the file is removed. Throws STORAGE. */
export async function writeApplied(path: string, cluster: string, applied: readonly Applied[]): Promise<void> {
  const file: RollbackFile = { format: 'ipvet-rollback/2', cluster, applied };
  try {
    if (applied.length === 0) {
      await rm(path, { force: true });
      return;
    }
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const draft = `${path}.${randomBytes(4).toString('hex')}.tmp`;
    await writeFile(draft, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    await rename(draft, path);
  } catch (error) {
    throw new IpvetError('STORAGE', `${path} cannot be written: ${(error as Error).message}`, {
      hint: 'name another folder with -o',
      cause: error,
    });
  }
}

function isRollbackFile(value: unknown): value is RollbackFile {
  const file = value as Partial<RollbackFile> | null;
  return (
    typeof file === 'object' &&
    file?.format === 'ipvet-rollback/2' &&
    Array.isArray(file.applied) &&
    file.applied.every((applied) => isAppliedRules(applied) || isFiles(applied))
  );
}

function isAppliedRules(value: unknown): value is AppliedRules {
  const { director, appliedAt, before, after, commands, undo } = (value ?? {}) as Partial<
    Record<keyof AppliedRules, unknown>
  >;
  return (
    [director, appliedAt].every((text) => typeof text === 'string') &&
    isLines(before) &&
    (after === undefined || isLines(after)) &&
    areCalls(commands) &&
    areCalls(undo) &&
    commands.length === undo.length
  );
}

function isFiles(value: unknown): value is AppliedFiles {
  const { kind, director, appliedAt, files, enabled } = (value ?? {}) as Partial<Record<keyof AppliedFiles, unknown>>;
  return (
    (kind === 'keepalived' || kind === 'saved') &&
    [director, appliedAt].every((text) => typeof text === 'string') &&
    typeof enabled === 'boolean' &&
    Array.isArray(files) &&
    files.every((file: Partial<Record<keyof AppliedFile, unknown>> | null) => {
      const { path, patch, before = '', after = '' } = file ?? {};
      return [path, patch, before, after].every((text) => typeof text === 'string');
    })
  );
}

function isLines(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((line) => typeof line === 'string');
}

/** Only calls of ipvsadm are run from a file, whatever is in it; and none that would be two lines of its input. */
function areCalls(value: unknown): value is readonly (readonly string[])[] {
  return (
    Array.isArray(value) &&
    value.every((argv) => isLines(argv) && argv[0] === 'ipvsadm' && argv.every((word) => /^[^\s]+$/.test(word)))
  );
}
