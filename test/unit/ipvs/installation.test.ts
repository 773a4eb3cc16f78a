import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseCluster } from '../../../lib/config/load.ts';
import { IpvetError } from '../../../lib/errors.ts';
import {
  install,
  InstallationError,
  type InstallationOptions,
  planDirector,
  rollBack,
} from '../../../lib/ipvs/installation.ts';
import { rollbackPath } from '../../../lib/ipvs/rollback-file.ts';
import { rulesLines } from '../../../lib/ipvs/words.ts';
import type { Host } from '../../../lib/ssh/host.ts';
import { natText, today } from '../config/cluster-text.ts';
import { type FakeDirector, fakeDirector } from './fake-director.ts';

const cluster = parseCluster(natText, 'cluster.yaml', { today });
const declared = [
  '-A -t 192.168.122.100:80 -s rr',
  '-a -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 1',
  '-a -t 192.168.122.100:80 -r 10.10.10.20:80 -m -w 1',
];
const other = '-A -u 192.168.122.100:53 -s wlc';
const old = `-A -t 192.168.122.100:80 -s wrr -p 60\n-a -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 7 -x 9\n${other}\n`;

const linesOf = (director: FakeDirector): readonly string[] => rulesLines(director.model.rules);

async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('did not fail');
}

describe('install', () => {
  let out = '';
  const { signal } = new AbortController();
  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'ipvet-rules-'));
  });
  afterEach(() => rm(out, { recursive: true }));

  const plansFor = (...hosts: Host[]) => Promise.all(hosts.map((host) => planDirector(cluster, host, signal)));
  const how = (stop = signal): InstallationOptions => ({
    outDirectory: out,
    signal: stop,
    guard: { holder: { runId: 'run-1', owner: 'alice@desk', purpose: 'rules apply', since: 'now' }, signal },
  });
  const files = () => readdir(join(out, 'rules')).catch(() => []);

  it('installs on every director, and rollback restores each', async () => {
    const [one, two] = [fakeDirector('d1', old), fakeDirector('d2')];
    const written = await install(cluster, await plansFor(one, two), how());
    expect(written).to.deep.equal([rollbackPath(out, 'web-lvs', 'd1'), rollbackPath(out, 'web-lvs', 'd2')]);
    expect(linesOf(one)).to.have.members([declared[0], `${declared[1] ?? ''} -x 9`, declared[2], other]);
    expect(linesOf(two)).to.deep.equal(declared);

    for (const director of [one, two]) {
      const result = await rollBack(cluster, director, { ...how(), force: false });
      expect(result?.commands).to.not.be.empty;
      expect(director.guard).to.deep.equal(['begin', 'step', 'done', 'release', 'begin', 'step', 'done', 'release']);
    }
    expect(linesOf(one)).to.have.members(old.trim().split('\n'));
    expect(linesOf(two)).to.deep.equal([]);
    expect(await files()).to.deep.equal([]);
  });

  it('does nothing, and keeps nothing, where all is as declared', async () => {
    const director = fakeDirector('d1', declared.join('\n'));
    expect(await install(cluster, await plansFor(director), how())).to.deep.equal([]);
    expect(director.batches).to.deep.equal([]);
    expect(await files()).to.deep.equal([]);
    expect(await rollBack(cluster, director, { ...how(), force: false })).to.equal(undefined);
  });

  it('keeps the way back before the first change', async () => {
    const director = fakeDirector('d1');
    let seen: string[] = [];
    const { model } = director;
    const gone = new IpvetError('SSH_CLOSED', 'gone');
    const watching: FakeDirector = {
      ...director,
      model,
      exec: async (argv, options) => {
        if (!argv.join(' ').endsWith('ipvsadm -R')) return director.exec(argv, options);
        seen = await files();
        throw gone;
      },
    };
    const plans = await plansFor(watching);
    await failure(install(cluster, plans, how()));
    expect(seen).to.deep.equal(['web-lvs-d1.json']);
  });

  it('takes back every director when the last change fails', async () => {
    const [one, two] = [fakeDirector('d1', old), fakeDirector('d2')];
    two.before = () => ({ exitCode: 0, stderr: 'Memory allocation problem\n' });
    const error = await failure(install(cluster, await plansFor(one, two), how()));
    expect(error).to.be.instanceOf(InstallationError).and.include({ code: 'EXEC_FAILED' });
    expect((error as InstallationError).left).to.deep.equal([]);
    expect(linesOf(one)).to.have.members(old.trim().split('\n'));
    expect(linesOf(two)).to.deep.equal([]);
    expect(await files()).to.deep.equal([]);
  });

  it('takes back when it is stopped in the middle', async () => {
    const stop = new AbortController();
    const director = fakeDirector('d1', old);
    director.before = () => {
      stop.abort();
      return undefined;
    };
    const error = await failure(install(cluster, await plansFor(director), how(stop.signal)));
    expect(error).to.include({ code: 'ABORTED' });
    expect(linesOf(director)).to.have.members(old.trim().split('\n'));
  });

  it('says what is left, and keeps the file, when an undo fails', async () => {
    const director = fakeDirector('d1');
    director.before = () => ({ exitCode: 2, stderr: 'Memory allocation problem\n' });
    director.undoFails = true;
    const error = await failure(install(cluster, await plansFor(director), how()));
    expect((error as InstallationError).left.map(({ host, command }) => [host, command])).to.deep.equal([
      [
        'd1',
        "ipvsadm -R <<'RULES'\n-d -t 192.168.122.100:80 -r 10.10.10.20:80\n-d -t 192.168.122.100:80 -r 10.10.10.10:80\n-D -t 192.168.122.100:80\nRULES",
      ],
    ]);
    expect(await files()).to.deep.equal(['web-lvs-d1.json']);
  });

  it('fails when what was installed is not what is there', async () => {
    const director = fakeDirector('d1');
    director.before = (input) => {
      const answer = director.model.restore(input);
      // Something else edits the rules at the same time.
      director.model.run('ipvsadm -e -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 0'.split(' '));
      return answer;
    };
    const error = await failure(install(cluster, await plansFor(director), how()));
    expect((error as Error).message).to.match(/d1 accepted the rules and shows others: .*weight 0/);
    expect(linesOf(director)).to.deep.equal([]);
  });

  it('takes back one apply after the other', async () => {
    const director = fakeDirector('d1', old);
    await install(cluster, await plansFor(director), how());
    const later = parseCluster(natText.replace('scheduler: rr', 'scheduler: lc'), 'cluster.yaml', { today });
    await install(later, [await planDirector(later, director, signal)], how());
    expect(linesOf(director)[0]).to.contain('-s lc');
    await rollBack(cluster, director, { ...how(), force: false });
    expect(linesOf(director)[0]).to.contain('-s rr');
    await rollBack(cluster, director, { ...how(), force: false });
    expect(linesOf(director)).to.have.members(old.trim().split('\n'));
  });

  it('rolls back rules that have changed since only by force', async () => {
    const director = fakeDirector('d1');
    await install(cluster, await plansFor(director), how());
    director.model.run('ipvsadm -e -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 5'.split(' '));
    director.model.run('ipvsadm -A -t 10.9.9.9:80 -s rr'.split(' '));
    const error = await failure(rollBack(cluster, director, { ...how(), force: false }));
    expect(error).to.include({ code: 'REFUSED' });
    expect((error as Error).message)
      .to.match(/-w 5/)
      .and.not.match(/10\.9\.9\.9/);
    const result = await rollBack(cluster, director, { ...how(), force: true });
    expect(result?.director).to.equal('d1');
    expect(linesOf(director)).to.deep.equal(['-A -t 10.9.9.9:80 -s rr']);
  });

  it('rolls back an apply that was cut short only by force', async () => {
    const director = fakeDirector('d1');
    await install(cluster, await plansFor(director), how());
    const path = rollbackPath(out, 'web-lvs', 'd1');
    const file = JSON.parse(await readFile(path, 'utf8')) as { applied: { after?: string }[] };
    delete file.applied[0]?.after;
    await writeFile(path, JSON.stringify(file));
    director.model.run('ipvsadm -d -t 192.168.122.100:80 -r 10.10.10.20:80'.split(' '));
    expect(await failure(rollBack(cluster, director, { ...how(), force: false }))).to.include({ code: 'REFUSED' });
    expect(await rollBack(cluster, director, { ...how(), force: true })).to.include({ director: 'd1' });
    expect(linesOf(director)).to.deep.equal([]);
  });

  it('runs nothing from a file that is not its own', async () => {
    const director = fakeDirector('d1');
    await install(cluster, await plansFor(director), how());
    const path = rollbackPath(out, 'web-lvs', 'd1');
    const text = await readFile(path, 'utf8');
    for (const hostile of [
      '',
      '[]',
      'null',
      text.replace('"ipvsadm"', '"reboot"'),
      text.replace('rollback/2', 'rollback/9'),
      text.replace('"rr"', '"rr\\n-D"'),
    ]) {
      await writeFile(path, hostile);
      expect(await failure(rollBack(cluster, director, { ...how(), force: true })), hostile).to.include({
        code: 'CONFIG',
      });
    }
  });

  it('changes nothing that the guard does not know how to undo', async () => {
    const director = fakeDirector('d1', old);
    director.stepAnswer = 'unwritable /var/tmp/ipvet: no space left';
    const error = await failure(install(cluster, await plansFor(director), how()));
    expect(error).to.include({ code: 'UNGUARDED' });
    expect(director.batches).to.deep.equal([]);
    expect(await files()).to.deep.equal([]);
  });

  it('refuses when the rules have changed since the plan was shown', async () => {
    const director = fakeDirector('d1', old);
    const plans = await plansFor(director);
    director.model.run('ipvsadm -e -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 3'.split(' '));
    expect(await failure(install(cluster, plans, how()))).to.include({ code: 'REFUSED' });
    expect(director.batches).to.deep.equal([]);
  });

  it('changes nothing when the way back cannot be kept', async () => {
    const director = fakeDirector('d1');
    await writeFile(join(out, 'rules'), 'in the way');
    const error = await failure(install(cluster, await plansFor(director), how()));
    expect(error).to.include({ code: 'STORAGE' });
    expect(director.batches).to.deep.equal([]);
  });
});
