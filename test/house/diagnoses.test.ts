import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { checks } from '../../checks/index.ts';
import { faults } from '../../lab/faults/index.ts';
import { rules } from '../../lib/diagnosis/rules/index.ts';
import { causes } from './causes.ts';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const { ofRules } = causes;

/** Of a page, in this order. */
const sections = ['Symptom', 'Mechanism', 'Told from its look-alikes', 'Confirm by hand', 'Certainty', 'Remedy'];

describe('house: diagnoses and faults', () => {
  it('every rule file is registered', async () => {
    const files = (await readdir(path('lib/diagnosis/rules'))).filter((name) => name !== 'index.ts');
    expect(rules).to.have.length(files.length);
  });

  it('every cause of rules of their own has a page, and every page is one of the causes', async () => {
    const pages = (await readdir(path('docs/diagnoses'))).map((name) => name.replace(/\.md$/, ''));
    expect(pages).to.include.members([...ofRules]);
    expect([...ofRules, ...causes.ofFindings]).to.include.members(pages);
  });

  it('every page begins with its cause and has the same sections', async () => {
    for (const file of await readdir(path('docs/diagnoses'))) {
      const text = await readFile(path(`docs/diagnoses/${file}`), 'utf8');
      expect(text.slice(0, text.indexOf('\n')), file).to.equal(`# ${file.replace(/\.md$/, '')}`);
      const headings = text.split('\n').filter((line) => line.startsWith('## '));
      expect(headings, file).to.deep.equal(sections.map((name) => `## ${name}`));
    }
  });

  it('every cause is named in a test of its rule', async () => {
    const tests = (await readdir(path('test/unit/diagnosis'))).filter((name) => name.endsWith('.test.ts'));
    const texts = await Promise.all(tests.map((name) => readFile(path(`test/unit/diagnosis/${name}`), 'utf8')));
    // As a value of its own, or as the first word of what is expected: `cause host certainty`.
    for (const cause of ofRules) expect(texts.join(''), cause).to.match(new RegExp(`'${cause}[' ]`));
  });

  it('every lab fault is in a file of its own, and one of the causes, or seen by a check that it is wanted of', () => {
    for (const fault of faults) {
      const { id, cause, topologies, defaultHost } = fault;
      expect(existsSync(path(`lab/faults/${cause}.ts`)), id).to.equal(true);
      for (const topology of topologies) {
        const { diagnoses, verdicts } = fault.expect(defaultHost, topology);
        expect([...ofRules, ...causes.ofFindings]).to.include.members(diagnoses.map((one) => one.cause));
        for (const { check } of verdicts)
          expect(checks.find((one) => one.id === check)?.sees, `${id}: ${check}`).to.include(cause);
      }
    }
  });
});
