/** The folder of a run: its owner's alone, and where the operator meant it to be. */
import { lstatSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

import { IpvetError } from '../errors.ts';

/**
 * Makes it, mode 0700 whatever the umask; it must not exist. Folders above it are made as needed, writable by their owner
 * alone. Throws STORAGE when the folder for runs is a link that somebody else laid: who owns the link may lead it
 * anywhere, also between two of our writes.
 */
export function makeRunFolder(directory: string): void {
  const parent = dirname(directory);
  mkdirSync(parent, { recursive: true, mode: 0o755 });
  const link = lstatSync(parent);
  if (link.isSymbolicLink() && !trustedOwners().includes(link.uid)) {
    throw new IpvetError(
      'STORAGE',
      `${parent} is a symbolic link that belongs to user ${link.uid}, who may turn it anywhere`,
      {
        hint: 'remove it, or give a folder of your own with --out',
      },
    );
  }
  mkdirSync(directory, { mode: 0o700 });
}

/** This user, root, and under sudo whoever called it. */
function trustedOwners(): readonly number[] {
  const caller = Number(process.env['SUDO_UID'] ?? Number.NaN);
  const own = process.getuid?.();
  return [0, ...(own === undefined ? [] : [own]), ...(own === 0 && Number.isInteger(caller) ? [caller] : [])];
}
