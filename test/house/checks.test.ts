import { access, readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { checks } from '../../checks/index.ts';
import type { FactName } from '../../lib/model/check.ts';
import { judge } from '../judgement.ts';
import { generateCheckDocs } from './check-docs.ts';

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Files in the folders of checks/, without their registries. */
async function checkFiles(): Promise<string[]> {
  const paths = await readdir(root('checks'), { recursive: true });
  return paths
    .filter((path) => path.includes('/') && path.endsWith('.ts') && !path.endsWith('/index.ts'))
    .map((path) => path.replace(/\.ts$/, ''))
    .sort();
}

const verbs = /(^|[-/])(is|has|have|be|can|must|should|check|verify|ensure|test|get|set|do|does|no|not)(-|$)/;

describe('the catalogue of checks', () => {
  it('registers every file, each under its path', async () => {
    const files = await checkFiles();
    expect(files).to.not.have.length(0);
    expect(checks.map(({ id }) => id).sort()).to.deep.equal(files);
  });

  it('is documented as it is (npm run generate)', async () => {
    expect(await generateCheckDocs(true), 'pages of docs/checks that differ').to.deep.equal([]);
  });

  for (const check of checks) {
    describe(check.id, () => {
      it('has a noun for an id, in its own folder and the file of that name', async () => {
        expect(check.id).to.match(/^[a-z-]+\/[a-z-]+$/);
        expect(check.id).to.not.match(verbs);
        const source = await readFile(root(`checks/${check.id}.ts`), 'utf8');
        expect(source).to.include(`id: '${check.id}'`);
      });

      it('has a unit test', async () => {
        await access(root(`test/unit/checks/${check.id}.test.ts`));
      });

      it('says why it matters, how to look by hand, and where it is written', () => {
        expect(check.title, 'title').to.match(/^\S.{5,}[^.]$/);
        expect(check.failureTitle, 'failureTitle').to.match(/^\S.{5,}[^.]$/);
        expect(check.failureTitle).to.not.equal(check.title);
        expect(check.doc.why, 'why').to.match(/^\S.{40,}\.$/s);
        expect(check.doc.byHand, 'byHand').to.not.have.length(0);
        expect(check.doc.references, 'references').to.not.have.length(0);
      });

      it('reads a fact, and reads observations only under load', () => {
        expect(check.requires).to.not.have.length(0);
        const observations: readonly FactName[] = ['load', 'sampling', 'ends', 'distribution'];
        expect(check.requires.some((name) => observations.includes(name))).to.equal(check.stage === 'traffic');
      });

      it('names the fault of each finding where it sees several', async () => {
        // That each finding does is held by judge() of test/judgement.ts, in the tests of the check itself.
        if (check.sees.length < 2 || check.stage === 'traffic') return;
        expect(await readFile(root(`checks/${check.id}.ts`), 'utf8')).to.match(/\bfaults\b/);
      });

      it('finds nothing wrong with a healthy cluster', () => {
        expect(judge(check).outcome).to.be.oneOf(['pass', 'not-applicable']);
      });
    });
  }
});
