/** The product as it is packed: compiling on the fly is a cost of a checkout only. */
import { execFile } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds it in a folder that is there and empty; the file to run. */
export async function packedIn(folder: string): Promise<string> {
  const outDir = path.join(folder, 'dist');
  await run('npm', ['run', '--silent', 'build:bundle', '--', outDir], { cwd: root });
  for (const name of ['node_modules', 'package.json', 'schema'])
    symlinkSync(path.join(root, name), path.join(folder, name));
  return path.join(outDir, 'cli/main.js');
}
