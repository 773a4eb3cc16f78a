import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';
import { ESLint } from 'eslint';
import { glob } from 'glob';
import ts from 'typescript';

import { boundaries } from './boundaries.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Import {
  readonly from: string;
  readonly to: string;
}

/** Every import of one of our files by another, as paths from the root. */
async function ownImports(): Promise<Import[]> {
  const files = await glob('{cli,suites,checks,reports,lab,lib,test,bench}/**/*.ts', { cwd: root });
  const imports = await Promise.all(
    files.map(async (file) => {
      const { importedFiles } = ts.preProcessFile(await readFile(resolve(root, file), 'utf8'));
      return importedFiles
        .filter(({ fileName }) => fileName.startsWith('.'))
        .map(({ fileName }) => ({ from: file, to: relative(root, resolve(root, file, '..', fileName)) }));
    }),
  );
  return imports.flat();
}

const within = (file: string, zone: string) => file.startsWith(`${zone.replace('./', '')}/`);

describe('house: import boundaries', () => {
  it('hold in every file', async () => {
    const imports = await ownImports();
    expect(imports.length).to.be.greaterThan(100);
    const broken = imports.flatMap(({ from, to }) =>
      boundaries
        .filter((zone) => within(from, zone.target) && within(to, zone.from))
        .map(({ message }) => `${from} imports ${to}: ${message}`),
    );
    expect(broken).to.deep.equal([]);
  });

  it('are refused by lint: a check that reaches for ssh, the clock or a lab', async function () {
    this.timeout(60_000);
    const eslint = new ESLint({ cwd: root });
    const [result] = await eslint.lintText(
      [
        "import { connectFleet } from '../../lib/ssh/fleet.ts';",
        "import { readFileSync } from 'node:fs';",
        'export const now = [Date.now(), connectFleet, readFileSync];',
      ].join('\n'),
      { filePath: resolve(root, 'checks/director/vip.ts') },
    );
    const refused = result?.messages.map(({ ruleId }) => ruleId) ?? [];
    expect(refused).to.include.members([
      'import-x/no-restricted-paths',
      'no-restricted-imports',
      'no-restricted-properties',
    ]);
  });
});
