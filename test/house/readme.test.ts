import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { expect } from 'chai';
import { glob } from 'glob';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const read = (file: string) => readFile(`${root}/${file}`, 'utf8');

describe('house: documents', () => {
  it('README names only npm scripts that exist', async () => {
    const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> };
    const documents = await Promise.all(['README.md', 'CONTRIBUTING.md'].map(read));
    const named = documents.flatMap((text) => [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name ?? ''));
    expect(named).to.not.be.empty;
    expect(named.filter((name) => !(name in scripts))).to.deep.equal([]);
  });

  it('README names only commands that exist, and all of them', async function () {
    this.timeout(30_000);
    const { stdout } = await run(process.execPath, [`${root}/bin/ipvet`, '--help']);
    const offered = [...stdout.matchAll(/^ {2}([a-z]+)\b/gm)]
      .map(([, name]) => name ?? '')
      .filter((name) => name !== 'help');
    const text = await read('README.md');
    const named = [...text.matchAll(/(?:bin\/|`)ipvet ([a-z]+)/g)].map(([, name]) => name ?? '');
    expect([...new Set(named)].filter((name) => !offered.includes(name))).to.deep.equal([]);
    expect(offered.filter((name) => !named.includes(name))).to.deep.equal([]);
  });

  it('has no link to a file that is not there', async () => {
    const documents = [...(await glob('*.md', { cwd: root })), ...(await glob('docs/**/*.md', { cwd: root }))];
    const files = new Set(await glob('**/*', { cwd: root, ignore: 'node_modules/**', dot: true }));
    const broken = await Promise.all(
      documents.map(async (document) => {
        const links = [...(await read(document)).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(
          ([, link]) => link ?? '',
        );
        const folder = document.includes('/') ? document.slice(0, document.lastIndexOf('/') + 1) : '';
        return links
          .map((link) => new URL(link, `file:///${folder}`).pathname.slice(1).replace(/\/$/, ''))
          .filter((link) => !files.has(link))
          .map((link) => `${document} → ${link}`);
      }),
    );
    expect(broken.flat()).to.deep.equal([]);
  });

  it("mocha's configuration names the suites that the commands run", async () => {
    const { suiteFiles } = await import('../../suites/index.ts');
    const { spec } = JSON.parse(await read('.mocharc.json')) as { spec: string[] };
    expect(suiteFiles.map((file) => fileURLToPath(file).slice(root.length))).to.deep.equal(spec);
  });
});
