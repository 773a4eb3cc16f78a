/** What `fix apply` leaves behind for `fix undo`, and writes before each change: fix.json in the plan's folder. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { IpvetError } from '../errors.ts';
import type { FixDocument, FixState, PlannedFix } from './document.ts';
import type { PatchFile } from './patch.ts';

const recordName = 'fix.json';

/** Programs 0700, everything else 0600, in a folder of the caller's own. Throws STORAGE. Resolves with the paths. */
export async function writePatch(folder: string, files: readonly PatchFile[]): Promise<readonly string[]> {
  const paths: string[] = [];
  await makeFolder(folder);
  for (const { name, text, executable } of files) paths.push(await put(folder, name, text, executable ? 0o700 : 0o600));
  return paths;
}

/** Whole or not at all. Throws STORAGE. Resolves with the path. */
export async function writeRecord(folder: string, document: FixDocument): Promise<string> {
  await makeFolder(folder);
  return put(folder, recordName, `${JSON.stringify(document, null, 2)}\n`, 0o600);
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw storage(folder, error);
  });
}

async function put(folder: string, name: string, text: string, mode: number): Promise<string> {
  const path = join(folder, name);
  try {
    const draft = `${path}.${randomBytes(4).toString('hex')}.tmp`;
    await writeFile(draft, text, { mode, flag: 'wx' });
    await rename(draft, path);
    return path;
  } catch (error) {
    throw storage(path, error);
  }
}

function storage(path: string, error: unknown): IpvetError {
  return new IpvetError('STORAGE', `${path} cannot be written: ${(error as Error).message}`, {
    hint: 'name another folder with -o',
    cause: error,
  });
}

/**
 * A record by its folder, its id, or `latest`: the newest one below `out` of that cluster with something to take back.
 * Throws CONFIG when there is none, or it cannot be read.
 */
export async function readRecord(
  out: string,
  wanted: string,
  cluster: string,
): Promise<{ readonly folder: string; readonly document: FixDocument }> {
  if (wanted !== 'latest') {
    for (const folder of [wanted, join(out, wanted), join(out, `fix-${wanted}`)]) {
      const document = await recordIn(basename(folder) === recordName ? join(folder, '..') : folder);
      if (document === undefined) continue;
      if (document.cluster.name === cluster) return { folder, document };
      throw new IpvetError(
        'CONFIG',
        `${folder} is a fix of ${document.cluster.name}, and the cluster file is of ${cluster}`,
        {
          hint: 'give the cluster file it was made with: -i',
        },
      );
    }
    throw new IpvetError('CONFIG', `there is no fix ${wanted}, neither as a folder nor under ${out}`, {
      hint: 'give the folder that `ipvet fix apply` named, or latest',
    });
  }
  const names = await readdir(out).catch((): string[] => []);
  for (const name of names
    .filter((entry) => entry.startsWith('fix-'))
    .toSorted()
    .toReversed()) {
    const folder = join(out, name);
    const document = await recordIn(folder);
    if (document?.cluster.name === cluster && toTakeBack(document).length > 0) return { folder, document };
  }
  throw new IpvetError('CONFIG', `there is nothing under ${out} that fix apply did and that is still in place`, {
    hint: 'name another folder with -o, or give the folder of the fix',
  });
}

/** The last one first. */
export function toTakeBack({ fixes }: FixDocument): readonly PlannedFix[] {
  return fixes.filter(({ state }) => state !== 'planned' && state !== 'taken-back').toReversed();
}

/** Undefined where there is none. */
async function recordIn(folder: string): Promise<FixDocument | undefined> {
  const path = join(folder, recordName);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new IpvetError('STORAGE', `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    const document: unknown = JSON.parse(text);
    if (isDocument(document)) return document;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new IpvetError('CONFIG', `${path} is not the record of a fix of this version`, {
    hint: 'take it back by hand: HOST-undo.sh is beside it',
  });
}

const states: readonly FixState[] = ['planned', 'started', 'kept', 'taken-back', 'unknown'];

function isDocument(value: unknown): value is FixDocument {
  const { format, id, cluster, fixes } = (value ?? {}) as Partial<Record<keyof FixDocument, unknown>>;
  return (
    format === 'ipvet-fix/1' &&
    typeof id === 'string' &&
    /^fix-[0-9A-Za-z-]+$/.test(id) &&
    typeof (cluster as { name?: unknown } | undefined)?.name === 'string' &&
    Array.isArray(fixes) &&
    fixes.every(isFix)
  );
}

function isFix(value: unknown): boolean {
  const { number, host, summary, state, findings, commands, persistent, undo } = (value ?? {}) as Partial<
    Record<keyof PlannedFix, unknown>
  >;
  return (
    Number.isInteger(number) &&
    typeof host === 'string' &&
    typeof summary === 'string' &&
    states.some((known) => known === state) &&
    Array.isArray(findings) &&
    [commands, persistent, undo].every(
      (lines) => Array.isArray(lines) && lines.every((line) => typeof line === 'string' && !line.includes('\n')),
    )
  );
}
