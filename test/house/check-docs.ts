/** docs/checks/ and docs/faults.md from the checks themselves: run it to write, or ask which pages differ. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { catalogueOf, faultsDocument } from '../../checks/documentation.ts';
import { faultSights } from '../../checks/fault-coverage.ts';
import { checks } from '../../checks/index.ts';
import { causes } from './causes.ts';
import { documentOf } from '../../suites/catalogue.ts';

const folder = fileURLToPath(new URL('../../docs/checks/', import.meta.url));

/** With `check` nothing is written. The pages that differed, relative to docs/checks/: absent, outdated or left over. */
export async function generateCheckDocs(check: boolean): Promise<string[]> {
  const wanted = new Map(checks.map((one) => [`${one.id}.md`, documentOf(one)]));
  wanted.set('README.md', catalogueOf(checks));
  await mkdir(folder, { recursive: true });
  const present = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.md'));
  const differing: string[] = [];
  for (const path of present.filter((one) => !wanted.has(one))) {
    differing.push(path);
    if (!check) await rm(join(folder, path));
  }
  for (const [path, text] of wanted) {
    const file = join(folder, path);
    if (present.includes(path) && (await readFile(file, 'utf8')) === text) continue;
    differing.push(path);
    if (check) continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  const faults = join(folder, '..', 'faults.md');
  const text = faultsDocument(faultSights(checks, causes));
  if ((await readFile(faults, 'utf8').catch(() => '')) !== text) {
    differing.push('../faults.md');
    if (!check) await writeFile(faults, text);
  }
  return differing;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const written = await generateCheckDocs(false);
  process.stderr.write(`docs/checks: ${written.length === 0 ? 'up to date' : `wrote ${written.join(', ')}`}\n`);
}
