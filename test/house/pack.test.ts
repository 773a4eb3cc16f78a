import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect } from 'chai';
import { glob } from 'glob';
import { parse, stringify } from 'yaml';

import type { RunRecord } from '../../lib/model/run-record.ts';
import { suiteFiles } from '../../suites/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

describe('house: the packed product', function () {
  this.timeout(120_000);
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ipvet-pack-'));
    await run('npm', ['pack', '--silent', '--pack-destination', directory], { cwd: root });
    await run('sh', ['-c', 'tar -xzf *.tgz'], { cwd: directory });
    // What an installation would put beside it.
    await symlink(join(root, 'node_modules'), join(directory, 'package', 'node_modules'));
  });
  after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  const ipvet = (...args: string[]) => run(process.execPath, [join(directory, 'package/bin/ipvet'), ...args]);

  it('runs without sources: version, catalogue, a cluster file against its schema', async () => {
    const { version } = JSON.parse((await run('npm', ['pkg', 'get', '--json'], { cwd: root })).stdout) as {
      version: string;
    };
    expect((await ipvet('--version')).stdout.trim()).to.equal(version);
    expect((await ipvet('checks', 'list')).stdout).to.include('real-server/reply-route');
    const { stdout } = await ipvet('config', 'validate', '-i', join(root, 'docs/examples/nat.yaml'));
    expect(stdout).to.match(/ok/i);
  });

  it('says what is wrong with a cluster file', async () => {
    const file = join(directory, 'cluster.yaml');
    await writeFile(file, 'version: 1\nname: web\ndirctors: []\n');
    const { stderr } = await ipvet('config', 'validate', '-i', file).catch(
      (error: unknown) => error as { stderr: string },
    );
    expect(stderr).to.contain('did you mean').and.to.contain('directors');
  });

  it('runs the suites, and tells of hosts that nobody answers for', async () => {
    const config = join(directory, 'ssh_config');
    await writeFile(config, 'Host *\n  HostName 127.0.0.1\n  Port 1\n');
    const text = await readFile(join(root, 'docs/examples/dr.yaml'), 'utf8');
    const file = join(directory, 'unreached.yaml');
    await writeFile(file, stringify({ ...(parse(text) as object), ssh: { config }, clients: undefined }));
    const argv = ['check', '-i', file, '-o', join(directory, 'runs'), '--json', '-q'];
    const ended = await ipvet(...argv).catch((error: unknown) => error as { code: number; stdout: string });
    expect(ended).to.have.property('code', 3);
    const { verdicts } = JSON.parse(ended.stdout) as RunRecord;
    const reached = verdicts.filter(({ outcome }) => outcome !== 'error' && outcome !== 'not-applicable');
    expect(verdicts).to.have.length.above(50);
    expect(reached.map(({ check }) => check)).to.deep.equal([]);
  });

  it('passes on the licences of the packages that are part of it', async () => {
    const notices = await readFile(join(directory, 'package/dist/NOTICES.txt'), 'utf8');
    for (const name of ['mocha', 'yaml', 'commander', 'chai'])
      expect(notices).to.match(new RegExp(`^${name} \\d`, 'm'));
    expect(notices).to.contain('Permission is hereby granted');
  });

  it('holds what it runs by itself: suites, and what has a process or a thread of its own', async () => {
    const sources = await glob('{cli,suites,checks,lib,reports,lab}/**/*.ts', { cwd: root });
    const texts = await Promise.all(sources.map((file) => readFile(join(root, file), 'utf8')));
    const named = texts.flatMap((text) =>
      [...text.matchAll(/(?:ownModule|moduleArgv|threadCode)\('([^']+)'\)/g)].map(([, name = '']) => name),
    );
    expect(named).to.include.members([
      'lib/load/agent',
      'lib/load/probe-agent',
      'lib/load/thread',
      'lib/netlink/agent',
      'lib/check',
    ]);
    for (const name of [...named, ...suiteFiles.map(({ pathname }) => `suites/${basename(pathname, '.ts')}`)])
      expect(existsSync(join(directory, `package/dist/${name}.js`)), name).to.equal(true);
  });

  it('holds no sources, tests or lab of a developer', async () => {
    const { stdout } = await run('sh', ['-c', 'tar -tzf *.tgz'], { cwd: directory });
    const names = stdout.split('\n');
    expect(names).to.include('package/dist/cli/main.js');
    expect(names.filter((name) => /(?<!\.d)\.ts$|^package\/(test|bench)\//.test(name))).to.deep.equal([]);
  });
});
