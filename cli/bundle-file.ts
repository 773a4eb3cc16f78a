/** Where bundles are written: of a stored run, and of an error before there was one. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import { join } from 'node:path';

import type { Asked } from '../lib/facts/for-maintainers.ts';
import type { Redaction } from '../lib/bundle/disguise.ts';
import { bundleOf, crashBundle } from '../lib/bundle/make.ts';
import { asIpvetError } from '../lib/errors.ts';
import { version } from '../lib/version.ts';

export const bundleSuffix = '.ipvet.tar.gz';

/** `out` is a file, or a folder that is there. Throws CONFIG, BUNDLE, STORAGE. */
export function writeBundle(
  directory: string,
  redact: readonly Redaction[],
  out: string,
  asked: readonly Asked[] = [],
): { readonly file: string; readonly kept: readonly string[] } {
  const { content, runId, kept } = bundleOf(directory, { version, redact, asked });
  const isFolder = statSync(out, { throwIfNoEntry: false })?.isDirectory() === true;
  const file = isFolder ? join(out, `${runId.replaceAll(/[^A-Za-z0-9-]/g, '_')}${bundleSuffix}`) : out;
  writeWhole(file, content);
  return { file, kept };
}

/** Beside its name first, so that no half of it is ever sent. Mode 0600. Throws STORAGE. */
function writeWhole(file: string, content: Buffer): void {
  const draft = `${file}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    writeFileSync(draft, content, { mode: 0o600, flag: 'wx' });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw asIpvetError(error, 'STORAGE', `cannot write ${file}`);
  }
}

/** The stack, the versions, and nothing of the cluster. `out` is made where it is not there. Throws STORAGE. */
export function writeCrashBundle(error: string, out: string): string {
  const machine = `Node ${process.version}, ${process.platform} ${release()} ${arch()}`;
  const file = join(out, `crash-${new Date().toISOString().replaceAll(/[:.]/g, '')}${bundleSuffix}`);
  try {
    mkdirSync(out, { recursive: true, mode: 0o755 });
  } catch (cause) {
    throw asIpvetError(cause, 'STORAGE', `cannot make ${out}`);
  }
  writeWhole(file, crashBundle(error, { version, machine }));
  return file;
}
