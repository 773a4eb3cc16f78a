/** A host's own files as the layer above the shared root. */
import { chmodSync, lchownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LabHostSpec } from './host.ts';

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Writes `files` below `directory`. An overlay shows a directory as its topmost layer has it, so each one gets owner and
 * mode of the root's; what is new belongs to whom the directory around it belongs to. The answer makes further
 * directories the same way.
 */
export function layFiles(files: LabHostSpec['files'], root: string, directory: string): (name: string) => Owner {
  const owners = new Map<string, Owner>();
  const makeDirectory = (name: string): Owner => {
    const known = owners.get(name);
    if (known !== undefined) return known;
    const parent = name === '/' ? { uid: 0, gid: 0 } : makeDirectory(path.dirname(name));
    const { uid, gid, mode } = statSync(path.join(root, name), { throwIfNoEntry: false }) ?? { ...parent, mode: 0o755 };
    const place = path.join(directory, name);
    mkdirSync(place, { recursive: true });
    lchownSync(place, uid, gid);
    chmodSync(place, mode & 0o7777);
    owners.set(name, { uid, gid });
    return { uid, gid };
  };
  for (const { path: name, mode, content } of files) {
    const { uid, gid } = makeDirectory(path.dirname(name));
    const place = path.join(directory, name);
    writeFileSync(place, content);
    lchownSync(place, uid, gid);
    chmodSync(place, mode);
  }
  return makeDirectory;
}
