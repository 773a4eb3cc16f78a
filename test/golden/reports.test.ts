/**
 * Stored runs and what each format makes of them. `UPDATE_GOLDEN=1 npx mocha --config test/.mocharc.json
 * test/golden/reports.test.ts` writes runs/ from the builders and expected/ from the runs; look at the difference
 * before you commit it.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { SaxesParser } from 'saxes';
import type { RunRecord } from '../../lib/model/run-record.ts';
import { formats, readRun, renderJson, writeReports } from '../../reports/index.ts';
import { caseNamed, caseNames } from './cases.ts';

const here = import.meta.dirname;
const updating = process.env['UPDATE_GOLDEN'] === '1';
const runFile = (name: string) => join(here, 'runs', name, 'run.json');
const extensions: Readonly<Record<string, string>> = {
  html: 'html',
  junit: 'xml',
  markdown: 'md',
  github: 'annotations.txt',
  text: 'txt',
};

/** What differs between two builds of the product that say the same. */
function blanked(text: string): string {
  return text.replace(/sha256-[A-Za-z0-9+/=]{44}/g, 'sha256-…').replace(/(<(style|script)>)[\s\S]*?(<\/\2>)/g, '$1…$3');
}

describe('golden files', () => {
  before(() => {
    if (!updating) return;
    for (const name of caseNames) {
      mkdirSync(join(here, 'runs', name), { recursive: true });
      mkdirSync(join(here, 'expected'), { recursive: true });
      writeFileSync(runFile(name), renderJson(caseNamed(name)));
      for (const { name: format, render } of formats) {
        const extension = extensions[format];
        if (extension === undefined) continue;
        writeFileSync(join(here, 'expected', `${name}.${extension}`), blanked(render(caseNamed(name))));
      }
    }
  });

  for (const name of caseNames) {
    it(`${name}: the stored run is the one the builder makes`, () => {
      expect(readFileSync(runFile(name), 'utf8')).to.equal(renderJson(caseNamed(name)));
    });

    for (const { name: format, render } of formats) {
      const extension = extensions[format];
      if (extension === undefined) continue;
      it(`${name} as ${format}`, async () => {
        const expected = readFileSync(join(here, 'expected', `${name}.${extension}`), 'utf8');
        expect(blanked(render(await readRun(runFile(name))))).to.equal(expected);
      });
    }
  }
});

describe('a run whose every text is hostile', () => {
  const record = caseNamed('hostile');
  const rendered = (name: string): string => formats.find((format) => format.name === name)?.render(record) ?? '';

  it('puts nothing into any format that a terminal would obey', () => {
    for (const { name } of formats)
      expect(rendered(name).replaceAll(/[\n\t]/g, ''), name).to.not.match(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  });

  it('leaves the page with our one script, our one style sheet and no element of theirs', () => {
    const page = rendered('html');
    expect(page.match(/<script/gi)).to.have.length(1);
    expect(page.match(/<style/gi)).to.have.length(1);
    expect(page).to.not.match(/<img|<!--|<iframe|<object|javascript:[^)]*"/i);
    expect(page.match(/ on[a-z]+="/gi)).to.equal(null);
    expect([...page.matchAll(/ href="([^"]*)"/g)].filter(([, to]) => to?.startsWith('#') !== true)).to.deep.equal([]);
  });

  it('is well-formed XML with no character that XML 1.0 forbids', () => {
    const parser = new SaxesParser();
    parser.on('error', (error) => {
      throw error;
    });
    parser.write(rendered('junit')).close();
    expect(rendered('junit')).to.not.match(/[\uFFFE\uFFFF]/);
  });

  it('leaves Markdown without a link, an image, an element or a row of theirs', () => {
    const outside = rendered('markdown')
      .replaceAll(/(`{3,})[^]*?\n\1/g, '')
      .replaceAll(/`[^`\n]*`/g, '');
    expect(outside).to.not.match(/(?<!\\)[[\]]|<(?!\/?code>)|(?<!\\)!\[|:\/\//);
    for (const row of outside.split('\n').filter((line) => line.startsWith('|'))) {
      expect(row.replaceAll(/\\\|/g, '').split('|').length - 2, row).to.be.oneOf([2, 3, 4, 6, 10]);
    }
  });
});

describe('a stored run', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'ipvet-reports-'));
  });
  after(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const stored = (content: string): string => {
    const file = join(directory, 'run.json');
    writeFileSync(file, content);
    return file;
  };
  const failureOf = async (content: string): Promise<string> =>
    readRun(stored(content)).then(
      () => 'was read',
      (error: unknown) => (error instanceof Error ? error.message.replace(directory, '.') : String(error)),
    );
  const changed = (change: object): string => JSON.stringify({ ...caseNamed('healthy'), ...change });

  it('comes back as it was written', async () => {
    const record = caseNamed('nat-rs-gateway');
    await writeReports(record, directory, ['json']);
    expect(await readRun(join(directory, 'run.json'))).to.deep.equal(record);
  });

  it('may have keys that a later version adds', async () => {
    const record = await readRun(stored(changed({ trend: [], stages: [{ name: 'a', durationMs: 1, cpu: 2 }] })));
    expect(record.id).to.equal(caseNamed('healthy').id);
  });

  const broken: [string, string, RegExp][] = [
    ['is cut off', changed({}).slice(0, 900), /^\.\/run\.json is not JSON: /],
    ['is empty', '', /is not JSON/],
    ['is something else', '[1, 2]', /is not the record of a run: it has no "format": "ipvet-run\/1"/],
    ['is null', 'null', /is not the record of a run/],
    [
      'is of a newer format',
      changed({ format: 'ipvet-run/2' }),
      /has the format ipvet-run\/2; this ipvet reads ipvet-run\/1/,
    ],
    ['lacks a part', changed({ verdicts: undefined }), /must have required property 'verdicts'/],
    [
      'has a wrong outcome',
      changed({ verdicts: [{ ...caseNamed('healthy').verdicts[0], outcome: 'green' }] }),
      /\/verdicts\/0\/outcome must be equal to one of/,
    ],
    [
      'has text for a number',
      changed({ stages: [{ name: 'load', durationMs: '1' }] }),
      /\/stages\/0\/durationMs must be number/,
    ],
    [
      'has null for a figure',
      changed({ distribution: [{ ...caseNamed('healthy').distribution[0], n: null }] }),
      /\/distribution\/0\/n must be number/,
    ],
  ];
  for (const [what, content, message] of broken) {
    it(`that ${what} is refused, naming file and field`, async () => {
      expect(await failureOf(content)).to.match(message);
    });
  }

  it('that is not there is refused', async () => {
    await expectFailure(readRun(join(directory, 'absent.json')), 'CONFIG', /cannot read .*absent\.json/);
  });
});

describe('written reports', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ipvet-reports-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const record: RunRecord = caseNamed('healthy');

  it('are files only the owner may read, one for each format', async () => {
    const folder = join(directory, 'new', 'folder');
    const files = await writeReports(record, folder, ['html', 'junit', 'json', 'markdown', 'text']);
    expect(files).to.deep.equal(
      ['index.html', 'junit.xml', 'run.json', 'summary.md', 'summary.txt'].map((name) => join(folder, name)),
    );
    for (const file of files) expect(statSync(file).mode & 0o777).to.equal(0o600);
  });

  it('replace the ones before them', async () => {
    await writeReports(caseNamed('nat-rs-gateway'), directory, ['text']);
    await writeReports(record, directory, ['text']);
    expect(readFileSync(join(directory, 'summary.txt'), 'utf8')).to.contain('PASS (exit code 0)');
  });

  it('are refused for a format that does not exist, before anything is written', async () => {
    await expectFailure(writeReports(record, join(directory, 'x'), ['text', 'pdf']), 'USAGE', /no report format pdf/);
    expect(() => statSync(join(directory, 'x'))).to.throw('ENOENT');
  });

  it('name the file that could not be written, and leave no draft', async () => {
    writeFileSync(join(directory, 'file'), '');
    await expectFailure(
      writeReports(record, join(directory, 'file'), ['text']),
      'STORAGE',
      /cannot write .*summary\.txt/,
    );
    expect(readdirSync(directory)).to.deep.equal(['file']);
  });
});

async function expectFailure(promise: Promise<unknown>, code: string, message: RegExp): Promise<void> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(Error).and.to.have.property('code', code);
  expect(error).to.have.property('message').that.matches(message);
}
