import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import type { Command } from 'commander';
import { baselineCommand } from '../../../cli/baseline.ts';
import { diffCommand } from '../../../cli/diff.ts';
import type { Baseline, Comparison } from '../../../lib/model/comparison.ts';
import { caseNamed } from '../../golden/cases.ts';
import { printed } from './printed.ts';

const golden = resolve(import.meta.dirname, '../../golden/runs');
const healthy = caseNamed('healthy').id;
const faulty = caseNamed('nat-rs-gateway').id;

describe('ipvet diff and baseline', () => {
  const startedIn = process.cwd();
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ipvet-diff-'));
    for (const name of ['healthy', 'nat-rs-gateway'])
      cpSync(join(golden, name), join(directory, 'runs', caseNamed(name).id), { recursive: true });
    process.chdir(directory);
  });
  afterEach(() => {
    process.exitCode = undefined;
    process.chdir(startedIn);
    rmSync(directory, { recursive: true, force: true });
  });

  async function ipvet(command: Command, ...argv: string[]) {
    process.exitCode = undefined;
    const stdout = await printed(command, argv);
    return { stdout, exitCode: process.exitCode };
  }
  const diff = (...argv: string[]) =>
    ipvet(
      diffCommand()
        .exitOverride()
        .configureOutput({ writeErr: () => undefined }),
      'diff',
      ...argv,
    );
  const baseline = (...argv: string[]) => ipvet(baselineCommand(), 'baseline', ...argv);
  async function failure(promise: Promise<unknown>): Promise<{ code: string; message: string; hint?: string }> {
    return promise.then(
      () => {
        throw new RangeError('it was no failure');
      },
      (error: unknown) => error as { code: string; message: string; hint?: string },
    );
  }
  const otherCluster = (folder: string) => {
    const record = caseNamed('healthy');
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'run.json'),
      JSON.stringify({ ...record, cluster: { ...record.cluster, name: 'mail' } }),
    );
  };

  it('takes folders, files, ids and latest, and exits with 1 where something is worse', async () => {
    for (const after of ['latest', faulty, join('runs', faulty), join('runs', faulty, 'run.json')]) {
      const { stdout, exitCode } = await diff(healthy, after);
      expect(stdout, after).to.contain('WORSE (exit code 1)');
      expect(exitCode, after).to.equal(1);
    }
    expect((await diff(healthy, healthy)).exitCode).to.equal(0);
  });

  it('looks for runs in the folder of --out', async () => {
    cpSync('runs', 'elsewhere', { recursive: true });
    rmSync('runs', { recursive: true });
    expect((await diff(healthy, 'latest', '--out', 'elsewhere')).exitCode).to.equal(1);
    expect(await failure(diff(healthy, faulty))).to.include({ code: 'CONFIG' });
  });

  it('prints JSON and Markdown alone', async () => {
    const { stdout } = await diff(healthy, faulty, '--json');
    const document = JSON.parse(stdout) as Comparison;
    expect(document).to.include({ format: 'ipvet-diff/1', outcome: 'worse', exitCode: 1, cluster: 'web-lvs' });
    expect(JSON.parse((await diff(healthy, faulty, '--format', 'json')).stdout)).to.deep.equal(document);
    expect((await diff(healthy, faulty, '--format', 'markdown')).stdout).to.match(/^# WORSE: web-lvs\n/);
  });

  it('counts new warnings where it is told to', async () => {
    const record = caseNamed('healthy');
    const [first, ...others] = record.verdicts;
    if (first === undefined) throw new RangeError('the healthy run has verdicts');
    mkdirSync('warned');
    writeFileSync(
      join('warned', 'run.json'),
      JSON.stringify({ ...record, verdicts: [{ ...first, outcome: 'warn', reason: 'so' }, ...others] }),
    );
    expect((await diff(healthy, 'warned')).exitCode).to.equal(0);
    expect((await diff(healthy, 'warned', '--fail-on', 'warn')).exitCode).to.equal(4);
  });

  it('refuses formats and tolerances that are none', async () => {
    expect(await failure(diff(healthy, faulty, '--format', 'html'))).to.include({ code: 'USAGE' });
    expect((await failure(diff(healthy, faulty, '--format', 'markdwn'))).hint).to.contain('did you mean markdown?');
    for (const wrong of ['0', '-5', 'some'])
      expect(await failure(diff(healthy, faulty, `--tolerance=${wrong}`)), wrong).to.include({
        code: 'commander.invalidArgument',
      });
  });

  it('refuses other clusters unless told that they may be', async () => {
    otherCluster('mail');
    const error = await failure(diff(healthy, 'mail'));
    expect(error).to.include({
      code: 'USAGE',
      message: 'the runs are of different clusters: web-lvs and mail',
    });
    expect(error.hint).to.contain('--other-cluster');
    expect((await diff(healthy, 'mail', '--other-cluster')).stdout).to.contain(
      'not the same cluster: web-lvs before, mail now',
    );
  });

  it('refuses what is no run, naming it', async () => {
    const file = join('runs', faulty, 'run.json');
    writeFileSync(file, readFileSync(file).subarray(0, 700));
    expect((await failure(diff(healthy, faulty))).message).to.contain(`${file} is not JSON`);
    writeFileSync(file, '{"format":"ipvet-run/2"}');
    expect((await failure(diff(healthy, faulty))).message).to.contain('has the format ipvet-run/2; this ipvet reads');
    writeFileSync(file, '[]');
    expect((await failure(diff(healthy, faulty))).message).to.contain(
      'is not the record of a run or a baseline: it has no "format"',
    );
    expect((await failure(diff(healthy, 'nowhere'))).message).to.contain('there is no run nowhere');
  });

  it('reads the journal of a run that was killed', async () => {
    const { cluster } = caseNamed('healthy');
    mkdirSync('killed');
    const event = { at: '2026-11-22T22:00:00.000Z', type: 'run-started', id: 'killed', version: '0.1.0' };
    writeFileSync(join('killed', 'events.ndjson'), `${JSON.stringify({ ...event, command: 'accept', cluster })}\n{"at`);
    const { stdout, exitCode } = await diff(healthy, 'killed');
    expect(exitCode).to.equal(3);
    expect(stdout).to.contain('the later run ended early (internal-error)');
  });

  it('a baseline holds no evidence, and is compared like the run it was made of', async () => {
    const { stdout } = await baseline('save', healthy);
    expect(stdout).to.equal(`${resolve('baseline.json')}\n`);
    const text = readFileSync('baseline.json', 'utf8');
    const saved = JSON.parse(text) as Baseline;
    expect(saved).to.include({ format: 'ipvet-baseline/1' });
    expect(saved.verdicts).to.have.length(caseNamed('healthy').verdicts.length);
    expect(text).to.not.match(/evidence|"command": "chronyc|"output"|"found"/);
    const compared = await baseline('compare', faulty, '--json');
    expect(compared.exitCode).to.equal(1);
    expect(JSON.parse(compared.stdout)).to.deep.equal(JSON.parse((await diff(healthy, faulty, '--json')).stdout));
    expect((await diff('baseline.json', healthy)).exitCode).to.equal(0);
    expect((await baseline('compare')).exitCode, 'latest').to.equal(1);
  });

  it('a baseline is replaced by another of its cluster, and nothing else is', async () => {
    await baseline('save', healthy, '--file', 'sub/base.json');
    await baseline('save', faulty, '--file', 'sub/base.json');
    expect((JSON.parse(readFileSync('sub/base.json', 'utf8')) as Baseline).run.id).to.equal(faulty);
    otherCluster('mail');
    expect(await failure(baseline('save', 'mail', '--file', 'sub/base.json'))).to.include({ code: 'USAGE' });
    await baseline('save', 'mail', '--file', 'sub/base.json', '--other-cluster');
    writeFileSync('cluster.yaml', 'version: 1\n');
    expect((await failure(baseline('save', healthy, '--file', 'cluster.yaml'))).message).to.contain(
      'is there and is no baseline; it is left as it is',
    );
    expect(readFileSync('cluster.yaml', 'utf8')).to.equal('version: 1\n');
  });

  it('a run that evaluated nothing is no baseline', async () => {
    cpSync(join(golden, 'empty'), 'empty', { recursive: true });
    expect(await failure(baseline('save', 'empty'))).to.include({ code: 'CONFIG' });
    expect(existsSync('baseline.json')).to.equal(false);
  });

  it('says that there is no baseline, or that it is broken', async () => {
    expect((await failure(baseline('compare', healthy))).message).to.contain('there is no baseline');
    await baseline('save', healthy);
    const saved = JSON.parse(readFileSync('baseline.json', 'utf8')) as Baseline;
    writeFileSync('baseline.json', JSON.stringify({ ...saved, load: undefined }));
    expect((await failure(baseline('compare', healthy))).message).to.contain(
      "baseline.json is not a valid baseline: the baseline must have required property 'load'",
    );
    cpSync(join('runs', healthy, 'run.json'), 'baseline.json');
    expect((await failure(baseline('compare', healthy))).message).to.contain('is not a baseline');
  });
});
