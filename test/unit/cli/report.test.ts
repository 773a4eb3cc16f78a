import { formatNames } from '../../../reports/format-names.ts';
import { formats } from '../../../reports/index.ts';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { Command } from 'commander';
import { reportCommand } from '../../../cli/report.ts';
import { caseNamed } from '../../golden/cases.ts';

interface Answer {
  readonly stdout: string;
  readonly error?: { readonly code?: string; readonly message: string; readonly hint?: string };
}

/** As the program mounts it: with its own options of the same names, and their defaults. */
async function ipvet(...words: string[]): Promise<Answer> {
  const list = (value: string) => value.split(',');
  const program = new Command('ipvet')
    .option('-o, --out <dir>', 'folder for runs', 'runs')
    .option('--format <list>', 'formats', list, ['html', 'junit', 'text'])
    .option('--no-color')
    .exitOverride()
    .addCommand(reportCommand().exitOverride());
  const write = process.stdout.write.bind(process.stdout);
  let stdout = '';
  process.stdout.write = (piece: string | Uint8Array) => {
    stdout += String(piece);
    return true;
  };
  try {
    await program.parseAsync(['report', ...words], { from: 'user' });
    return { stdout };
  } catch (error) {
    return { stdout, error: error as NonNullable<Answer['error']> };
  } finally {
    process.stdout.write = write;
  }
}

describe('ipvet report', () => {
  const golden = resolve(import.meta.dirname, '../../golden/runs');
  const startedIn = process.cwd();
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ipvet-report-'));
    for (const name of ['healthy', 'nat-rs-gateway']) {
      cpSync(join(golden, name), join(directory, 'runs', caseNamed(name).id), { recursive: true });
    }
    process.chdir(directory);
  });
  afterEach(() => {
    process.chdir(startedIn);
    rmSync(directory, { recursive: true, force: true });
  });

  const healthy = caseNamed('healthy').id;
  const faulty = caseNamed('nat-rs-gateway').id;

  it('writes beside the run unless told otherwise, and prints the paths', async () => {
    const { stdout, error } = await ipvet(healthy);
    expect(error).to.equal(undefined);
    expect(readdirSync(join('runs', healthy)).sort()).to.deep.equal(
      ['index.html', 'junit.xml', 'run.json', 'summary.md', 'summary.txt'].sort(),
    );
    expect(stdout.trim().split('\n')).to.have.length(4);
  });

  it('takes a folder, a file, an id and latest', async () => {
    for (const run of [join('runs', faulty), join('runs', faulty, 'run.json'), faulty, 'latest']) {
      const { stdout, error } = await ipvet(run, '--format', 'text', '-o', '-');
      expect(error, run).to.equal(undefined);
      expect(stdout, run).to.contain('FAIL (exit code 1)');
    }
  });

  it('tells the trend of the runs beside it, without those that cannot be read', async () => {
    mkdirSync(join('runs', '20260101T000000Z-bad'));
    writeFileSync(join('runs', '20260101T000000Z-bad', 'run.json'), '{');
    const { stdout, error } = await ipvet('latest', '--format', 'text', '-o', '-', '--trend', '5');
    expect(error).to.equal(undefined);
    const rows = stdout
      .slice(stdout.indexOf('\nTrend\n'))
      .split('\n')
      .filter((line) => line.startsWith('  2026'));
    expect(rows.map((row) => row.trim().split(' ')[0])).to.deep.equal([healthy, faulty]);
    await ipvet('latest', '--format', 'markdown', '-o', 'there', '--trend', '1');
    expect(readFileSync(join('there', 'summary.md'), 'utf8')).to.match(/## Trend\n\n[^]*web \(smoke\)/);
  });

  it('writes into the folder given', async () => {
    await ipvet(healthy, '--format', 'html,junit', '--out', 'elsewhere');
    expect(readdirSync('elsewhere').sort()).to.deep.equal(['index.html', 'junit.xml']);
    expect(readdirSync(join('runs', healthy))).to.deep.equal(['run.json']);
  });

  it('prints JSON as it is stored', async () => {
    const { stdout } = await ipvet(healthy, '--format', 'json', '-o', '-');
    expect(JSON.parse(stdout)).to.deep.equal(caseNamed('healthy'));
  });

  it('has a format for every name that is taken', () => {
    expect(formats.map(({ name }) => name)).to.deep.equal([...formatNames]);
  });

  it('suggests the format that was meant', async () => {
    const { error } = await ipvet(healthy, '--format', 'htm');
    expect(error).to.include({ code: 'USAGE', message: 'there is no report format htm' });
    expect(error?.hint).to.contain('did you mean html?');
  });

  it('prints one format at a time', async () => {
    const { error } = await ipvet(healthy, '-o', '-');
    expect(error).to.include({ code: 'USAGE' });
  });

  it('suggests the run that was meant', async () => {
    const { error } = await ipvet(`${healthy.slice(0, -1)}b`);
    expect(error).to.include({ code: 'CONFIG' });
    expect(error?.hint).to.equal(`did you mean ${healthy}?`);
  });

  it('says that there is no run, or nothing in it', async () => {
    mkdirSync('empty');
    expect((await ipvet('empty')).error?.message).to.match(/empty has neither run\.json nor events\.ndjson$/);
    rmSync('runs', { recursive: true });
    expect((await ipvet('latest')).error?.message).to.match(/^there is no run under /);
  });

  it('refuses a record that is broken, naming it', async () => {
    writeFileSync(join('runs', healthy, 'run.json'), readFileSync(join('runs', healthy, 'run.json')).subarray(0, 500));
    const { error } = await ipvet(healthy);
    expect(error).to.include({ code: 'CONFIG' });
    expect(error?.message)
      .to.contain(join('runs', healthy, 'run.json'))
      .and.to.contain('is not JSON');
  });

  it('reads the journal of a run that ended before its record was written', async () => {
    const { cluster } = caseNamed('healthy');
    const [verdict] = caseNamed('healthy').verdicts;
    if (verdict === undefined) throw new RangeError('the healthy run has verdicts');
    const { check, title, severity, stage, subject } = verdict;
    const events = [
      {
        at: '2026-11-22T22:00:00.000Z',
        type: 'run-started',
        id: 'crashed',
        version: '0.1.0',
        command: 'check',
        cluster,
      },
      { at: '2026-11-22T22:00:01.000Z', type: 'planned', verdicts: [{ check, title, severity, stage, subject }] },
    ];
    mkdirSync(join('runs', 'crashed'));
    writeFileSync(
      join('runs', 'crashed', 'events.ndjson'),
      `${events.map((event) => JSON.stringify(event)).join('\n')}\n{"at":"2026-11-22T22:00:02`,
    );
    const { stdout, error } = await ipvet('crashed', '--format', 'text', '-o', '-');
    expect(error).to.equal(undefined);
    expect(stdout).to.contain('ipvet itself ended before the run did. 1 check of 1 was not evaluated.');
    writeFileSync(join('runs', 'crashed', 'events.ndjson'), '');
    expect((await ipvet('crashed')).error).to.include({ code: 'CONFIG' });
  });
});
