import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { rulesBatch } from '../../../lib/ipvs/batch.ts';
import { planRules } from '../../../lib/ipvs/plan.ts';
import { parseIpvsRules } from '../../../lib/parse/ipvs-rules.ts';
import { aClusterWith } from '../../builders.ts';

const cluster = aClusterWith({});
const found = [
  '-A -t 192.168.122.100:80 -s wrr -p 60',
  '-a -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 7',
  '-a -t 192.168.122.100:80 -r 10.10.10.99:80 -m -w 1',
  '-A -t 192.168.122.100:8080 -s rr',
  '-A -f 80 -s rr',
];
const batch = rulesBatch('d1', planRules(cluster, parseIpvsRules(found.join('\n'))), { saved: found });

describe('rulesBatch', () => {
  it('is one line a change, and the way back in reverse order', () => {
    expect(batch.input.split('\n')).to.deep.equal([
      '-E -t 192.168.122.100:80 -s rr',
      '-a -t 192.168.122.100:80 -r 10.10.10.20:80 -m -w 1',
      '-a -t 192.168.122.100:80 -r 10.10.10.30:80 -m -w 1',
      '-e -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 1',
      '-d -t 192.168.122.100:80 -r 10.10.10.99:80',
      '',
    ]);
    expect(batch.undoInput.split('\n')).to.deep.equal([
      '-a -t 192.168.122.100:80 -r 10.10.10.99:80 -m -w 1',
      '-e -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 7',
      '-d -t 192.168.122.100:80 -r 10.10.10.30:80',
      '-d -t 192.168.122.100:80 -r 10.10.10.20:80',
      '-E -t 192.168.122.100:80 -s wrr -p 60',
      '',
    ]);
  });

  it('does nothing where nothing differs', () => {
    const idle = rulesBatch('d1', { operations: [] }, { saved: found });
    expect(idle).to.include({ input: '', undoInput: '' });
    expect(idle.undo.script.trim()).to.equal('true');
  });
});

describe('the script of the undo', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ipvet-batch-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Runs it with an ipvsadm that lists `listing` (fails without), and returns its exit code. */
  async function undo(listing: readonly string[] | undefined, script = batch.undo.script): Promise<number> {
    if (listing !== undefined) await writeFile(join(folder, 'listing'), listing.map((line) => `${line}\n`).join(''));
    const root = `root() { case "$2" in -R) cat >input; echo 'No such service' >&2; false ;; *) cat listing ;; esac; }`;
    const text = `set -e\nexec 2>messages\n${root}\n${script}`;
    return new Promise((resolve) => {
      execFile('sh', ['-c', text], { cwd: folder, timeout: 5000 }, (error) => {
        resolve(error === null ? 0 : typeof error.code === 'number' ? error.code : -1);
      });
    });
  }

  it('gives ipvsadm the way back, and hears nothing of lines that do not apply', async () => {
    expect(await undo(found)).to.equal(0);
    expect(await readFile(join(folder, 'input'), 'utf8')).to.equal(batch.undoInput);
    expect(await readFile(join(folder, 'messages'), 'utf8')).to.equal('');
  });

  it('says as found in any order, whatever became of other services', async () => {
    expect(await undo(found.toReversed())).to.equal(0);
    expect(
      await undo([...found.slice(0, 3), '-A -t 192.168.122.100:8080 -s lc', '-A -t 192.168.122.10:80 -s rr']),
    ).to.equal(0);
  });

  it('says not as found for each touched line that differs', async () => {
    expect(await undo(found.slice(1))).to.equal(1);
    expect(await undo(found.filter((line) => !line.includes('10.99')))).to.equal(1);
    expect(await undo([...found, '-a -t 192.168.122.100:80 -r 10.10.10.20:80 -m -w 1'])).to.equal(1);
    expect(await undo(found.map((line) => line.replace('-w 7', '-w 8')))).to.equal(1);
  });

  it('does not take a listing that failed for one without rules', async () => {
    const added = rulesBatch('d1', planRules(cluster, { services: [] }), { saved: [] });
    expect(await undo([], added.undo.script)).to.equal(0);
    await rm(join(folder, 'listing'));
    expect(await undo(undefined, added.undo.script)).to.not.equal(0);
  });

  it('wants a service gone that was not there before', async () => {
    const added = rulesBatch('d1', planRules(cluster, parseIpvsRules(found.slice(3).join('\n'))), {
      saved: found.slice(3),
    });
    expect(await undo(found.slice(3), added.undo.script)).to.equal(0);
    expect(await undo(found, added.undo.script)).to.equal(1);
  });

  it('leaves words of the host to the host', async () => {
    const hostile = ["-A -t 192.168.122.100:80 -s wrr --pe $(touch${IFS}x)';touch${IFS}y;'", ...found.slice(1)];
    const { undo: step } = rulesBatch('d1', planRules(cluster, parseIpvsRules(hostile.join('\n'))), { saved: hostile });
    expect(await undo(hostile, step.script)).to.equal(0);
    expect(await undo(found, step.script)).to.equal(1);
    for (const name of ['x', 'y']) await rejects(readFile(join(folder, name)));
  });
});

async function rejects(promise: Promise<unknown>): Promise<void> {
  expect(
    await promise.then(
      () => 'there',
      () => 'absent',
    ),
  ).to.equal('absent');
}
