/**
 * Files in memory ↔ one gzipped tar. The same files give the same bytes. What is read is bounded before it is looked at,
 * and nothing is ever laid on the disk under a name of the archive.
 */
import { gunzipSync, gzipSync } from 'node:zlib';

import { Header, Parser } from 'tar';

import { IpvetError } from '../errors.ts';

/** Path → content. */
export type BundleFiles = ReadonlyMap<string, Buffer>;

/** Of the archive as it lies on the disk. */
export const mostPackedBytes = 64 << 20;
/** Of all that is in it: the raw facts of a run are kept up to 64 MiB, its journal has them once more. */
export const mostBytes = 256 << 20;
const mostFiles = 10_000;

const blockBytes = 512;
const part = '[A-Za-z0-9_][A-Za-z0-9._-]{0,63}';
const plainPath = new RegExp(`^${part}(?:/${part}){0,2}$`);

/** Throws BUNDLE where they are too many, or too large to be read again. */
export function pack(files: BundleFiles): Buffer {
  const total = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  if (files.size > mostFiles || total > mostBytes) {
    throw new IpvetError('BUNDLE', `the run is too large for one bundle: ${files.size} files, ${total} bytes`, {
      hint: `the limit is ${mostBytes >> 20} MiB; send the folder of the run by other means`,
    });
  }
  const blocks = [...files].flatMap(([path, content]) => [headerOf(path, content.length), content, padding(content)]);
  const packed = gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]), { level: 9 });
  // RFC 1952, 2.3.1: the operating system; 255 is unknown, so that the bytes are the same everywhere.
  packed[9] = 255;
  return packed;
}

function headerOf(path: string, size: number): Buffer {
  const block = Buffer.alloc(blockBytes);
  new Header({ path, size, mode: 0o600, uid: 0, gid: 0, mtime: new Date(0), type: 'File' }).encode(block, 0);
  return block;
}

function padding({ length }: Buffer): Buffer {
  return Buffer.alloc((blockBytes - (length % blockBytes)) % blockBytes);
}

/** Throws BUNDLE: not an archive, cut off, too large, or with anything in it but plain files of plain names. */
export async function unpack(packed: Buffer, name: string): Promise<BundleFiles> {
  const files = new Map<string, Buffer>();
  const tar = inflated(packed, name);
  await new Promise<void>((resolve, reject) => {
    const parser = new Parser({
      strict: true,
      maxMetaEntrySize: 4096,
      onReadEntry: (entry) => {
        const problem = strange(entry.path, entry.type, files);
        const pieces: Buffer[] = [];
        entry.on('data', (piece: Buffer) => pieces.push(piece));
        entry.on('end', () => {
          files.set(entry.path, Buffer.concat(pieces));
        });
        if (problem !== undefined) reject(new IpvetError('BUNDLE', `${name}: ${problem}`, { hint: askAgain }));
      },
    });
    parser.on('error', (error: unknown) => {
      reject(broken(name, error));
    });
    parser.on('end', resolve);
    parser.end(tar);
  });
  return files;
}

const askAgain = 'do not trust it; ask whoever sent it for the bundle once more';

function inflated(packed: Buffer, name: string): Buffer {
  if (packed.length > mostPackedBytes) throw tooLarge(name);
  if (packed[0] !== 0x1f || packed[1] !== 0x8b) {
    throw new IpvetError('BUNDLE', `${name} is no bundle: it is not gzipped`, {
      hint: 'give the file that ipvet bundle wrote',
    });
  }
  let tar: Buffer;
  try {
    tar = gunzipSync(packed, { maxOutputLength: mostBytes + (mostFiles + 2) * 2 * blockBytes });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(name) : broken(name, error);
  }
  // The parser would unpack what is compressed once more, to any size.
  if (tar.toString('latin1', 257, 262) === 'ustar') return tar;
  throw new IpvetError('BUNDLE', `${name} is no bundle: there is no tar archive in it`, {
    hint: 'give the file that ipvet bundle wrote',
  });
}

function tooLarge(name: string): IpvetError {
  return new IpvetError('BUNDLE', `${name} is larger than any bundle: ${mostBytes >> 20} MiB unpacked at most`, {
    hint: askAgain,
  });
}

function broken(name: string, error: unknown): IpvetError {
  if (error instanceof IpvetError) return error;
  return new IpvetError(
    'BUNDLE',
    `${name} is cut off or damaged: ${error instanceof Error ? error.message : String(error)}`,
    {
      hint: 'copy it once more, as a binary file',
      cause: error,
    },
  );
}

function strange(path: string, type: string, files: BundleFiles): string | undefined {
  const shown = JSON.stringify(path.slice(0, 100));
  if (type !== 'File') return `${shown} is a ${type}, and a bundle has plain files only`;
  if (!plainPath.test(path)) return `${shown} is no name that a file of a bundle has`;
  if (files.has(path)) return `${shown} is in it twice`;
  return files.size >= mostFiles ? `it has more than ${mostFiles} files` : undefined;
}
