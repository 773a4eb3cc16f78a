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

describe('house: diagnoses and faults', () => {
  it('every rule file is registered', async () => {
    const files = (await readdir(path('lib/diagnosis/rules'))).filter((name) => name !== 'index.ts');
    expect(rules).to.have.length(files.length);
  });

  it('every cause of a rule of its own has a page, and every page a cause', async () => {
    const pages = (await readdir(path('docs/diagnoses'))).map((name) => name.replace(/\.md$/, ''));
    expect(pages.toSorted()).to.deep.equal(ofRules.toSorted());
    for (const cause of ofRules)
      expect(await readFile(path(`docs/diagnoses/${cause}.md`), 'utf8')).to.match(new RegExp(`^# ${cause}\n`));
  });

  it('every cause is named in a test of its rule', async () => {
    const test = await readFile(path('test/unit/diagnosis/diagnose.test.ts'), 'utf8');
    for (const cause of ofRules) expect(test, cause).to.include(`'${cause}'`);
  });

  it('every lab fault is in a file of its own, and one of the causes, or seen by a check that it is wanted of', () => {
    for (const fault of faults) {
      const { id, cause, topologies, defaultHost } = fault;
      expect(existsSync(path(`lab/faults/${cause}.ts`)), id).to.equal(true);
      for (const topology of topologies) {
        const { diagnoses, verdicts } = fault.expect(defaultHost, topology);
        if (diagnoses.length > 0) expect([...ofRules, ...causes.ofFindings]).to.include(cause);
        for (const { check } of verdicts)
          expect(checks.find((one) => one.id === check)?.sees, `${id}: ${check}`).to.include(cause);
      }
    }
  });
});
