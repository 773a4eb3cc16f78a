import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { writeCrashBundle } from '../../../cli/bundle-file.ts';
import { unpack } from '../../../lib/bundle/archive.ts';
import { openBundle } from '../../../lib/bundle/open.ts';
import type { RunRecord } from '../../../lib/model/run-record.ts';
import { aRun, localText, type MadeRun } from '../bundle/a-run.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('ipvet bundle and analyze', function () {
  this.timeout(120_000);
  let folder = '';
  let run: MadeRun;

  before(async function () {
    if (process.platform !== 'linux') this.skip();
    folder = mkdtempSync(join(tmpdir(), 'ipvet-cli-bundle-'));
    run = await aRun(join(folder, 'runs'));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const ipvet = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin/ipvet'), ...args], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 64 << 20,
    });
    return { status, stdout, stderr };
  };

  it('make a file of the last run, and the exit code of the run of that file', () => {
    const { status, stdout } = ipvet('bundle', 'latest');
    expect(status).to.equal(0);
    const file = stdout.trim();
    expect(file).to.equal(join(run.directory, `${run.record.id}.ipvet.tar.gz`));
    expect(statSync(file).mode & 0o777).to.equal(0o600);

    const again = ipvet('analyze', file, '--json', '--format', 'markdown', '-o', 'again');
    const record = JSON.parse(again.stdout) as RunRecord;
    expect(again.status).to.equal(run.record.exitCode).and.equal(record.exitCode);
    expect(record.analysis?.changed).to.deep.equal([]);
    expect(existsSync(join(folder, 'again', record.id, 'summary.md'))).to.equal(true);
  });

  it('ask the directors of the cluster of the run, and of no other', async () => {
    writeFileSync(join(folder, 'cluster.yaml'), localText);
    writeFileSync(join(folder, 'other.yaml'), localText.replace('name: web-lvs', 'name: mail'));
    const { status, stderr, stdout } = ipvet('bundle', 'latest', '--ask', '-i', 'cluster.yaml', '-o', 'asked.tar.gz');
    expect(status, stderr).to.equal(0);
    const files = await unpack(readFileSync(stdout.trim()), 'asked.tar.gz');
    const named = (name: string) => files.get(`hosts/director1/ask-${name}.txt`)?.toString('utf8') ?? '';
    expect(named('policy-rules')).to.match(/^\$ ip rule\n/);
    for (const name of ['keepalived-version', 'ipvsadm-version', 'rates', 'policy-routes', 'keepalived-journal'])
      expect(named(name), name).to.match(/^\$ [a-z].*\n./);
    const other = ipvet('bundle', 'latest', '--ask', '-i', 'other.yaml');
    expect(other.status).to.equal(2);
    expect(other.stderr).to.contain('the run is of web-lvs, the cluster file of mail');
  });

  it('refuse with exit code 2 what is no run and no bundle', () => {
    writeFileSync(join(folder, 'junk'), 'hello');
    for (const [args, told] of [
      [['bundle', 'nowhere'], /there is no run nowhere/],
      [['bundle', 'latest', '--redact', 'faces'], /names, addresses/],
      [['analyze', 'nowhere'], /there is no bundle nowhere/],
      [['analyze', 'junk'], /junk is no bundle/],
    ] as const) {
      const { status, stderr } = ipvet(...args);
      expect(status, args.join(' ')).to.equal(2);
      expect(stderr).to.match(told);
    }
  });

  it('leave a bundle of an error before there is a run', async () => {
    const file = writeCrashBundle('TypeError: of nothing', join(folder, 'new'));
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(readFileSync(file).length).to.be.greaterThan(100);
    const error = await openBundle(file).catch((thrown: unknown) => thrown);
    expect(error).to.have.property('code', 'BUNDLE');
  });
});
