/** Which stored run a word on the command line means. */
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { suggestion } from '../lib/config/suggestion.ts';
import { IpvetError } from '../lib/errors.ts';

/** A folder, a file in it, an id under `out` or ./runs, or `latest`. Throws CONFIG. */
export function runFolder(run: string, out: string): string {
  const ids = idsIn(out);
  if (run === 'latest') {
    const last = ids.at(-1);
    if (last !== undefined) return join(out, last);
    throw new IpvetError('CONFIG', `there is no run under ${out}`, { hint: 'give the folder of a run' });
  }
  for (const path of [resolve(run), resolve(out, run)]) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() === true) return path;
    if (found?.isFile() === true) return dirname(path);
  }
  const meant = suggestion(run, ['latest', ...ids]);
  throw new IpvetError('CONFIG', `there is no run ${run}, neither as a path nor under ${out}`, {
    hint: meant === undefined ? 'give the folder of a run, or latest' : `did you mean ${meant}?`,
  });
}

/** Oldest first: an id begins with the UTC time. */
function idsIn(out: string): readonly string[] {
  try {
    return readdirSync(out, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}
