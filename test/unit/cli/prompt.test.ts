/** The question for consent, at a terminal of its own (util-linux script(1) makes one). The hosts do not exist. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { quoteArgv } from '../../../lib/ssh/quote.ts';
import { natText } from '../config/cluster-text.ts';

const ipvet = fileURLToPath(new URL('../../../bin/ipvet', import.meta.url));
const question = /Allow .* \[y\/N\] /;

interface Ended {
  readonly code: number | null;
  /** Both streams, as a terminal shows them. */
  readonly screen: string;
}

describe('consent at a terminal', function () {
  this.timeout(30_000);
  let folder = '';
  let inventory = '';
  const children = new Set<ChildProcessWithoutNullStreams>();

  before(async function () {
    const known = spawnSync('script', ['--version'], { encoding: 'utf8' });
    if (known.error !== undefined || !known.stdout.includes('util-linux')) {
      process.stdout.write('  skipped: needs script(1) of util-linux\n');
      this.skip();
    }
    folder = await mkdtemp(join(tmpdir(), 'ipvet-prompt-'));
    inventory = join(folder, 'cluster.yaml');
    // Nobody listens on port 1, and this machine says so at once.
    await writeFile(
      inventory,
      natText
        .replace('host: lb1.mgmt', 'host: 127.0.0.1, port: 1')
        .replaceAll(/, jump: director1/g, ', port: 1')
        .replaceAll(/host: 10\.10\.10\.\d+/g, 'host: 127.0.0.1'),
    );
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
    await rm(join(folder, 'runs'), { recursive: true, force: true });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const runs = async () => (await readdir(join(folder, 'runs')).catch(() => [])).length;

  /** Types `keys` once `question` is on the screen, and nothing without it. */
  const atTerminal = (args: readonly string[], keys: string): Promise<Ended> =>
    new Promise((resolve) => {
      const line = quoteArgv([process.execPath, ipvet, ...args, '-i', inventory, '-o', join(folder, 'runs')]);
      const child = spawn('script', ['-qec', line, '/dev/null'], { env: { ...process.env, TERM: 'dumb' } });
      children.add(child);
      let screen = '';
      let typed = false;
      child.stdout.setEncoding('utf8').on('data', (piece: string) => {
        screen += piece;
        if (typed || !question.test(screen)) return;
        typed = true;
        child.stdin.write(keys);
      });
      child.on('close', (code) => {
        children.delete(child);
        resolve({ code, screen });
      });
    });

  it('shows hosts, services, commands and users, and asks once for every tier', async () => {
    const { screen } = await atTerminal(['accept'], 'n\r');
    const before = screen.slice(0, screen.search(question));
    expect(before).to.include('http://192.168.122.100:80/: 2000 requests, 50 at a time');
    for (const host of ['director1', 'rs1', 'rs2', 'client1']) expect(before).to.include(host);
    expect(before).to.match(/as root via sudo: .*ipvsadm/);
    expect(before).to.match(/as ops: /);
    expect(screen.match(/\[y\/N\]/g)).to.have.length(1);
    expect(screen).to.include('Allow traffic and change on web-lvs (preprod)? [y/N]');
  });

  it('says what it could not look at', async () => {
    const { screen } = await atTerminal(['accept'], 'n\r');
    expect(screen).to.match(/Could not be told: what would change on director1/);
  });

  for (const [name, keys] of [
    ['n', 'n\r'],
    ['an empty answer', '\r'],
    ['anything else', 'yes please\r'],
    ['the end of the input', '\u0004'],
  ] as const)
    it(`${name} refuses: exit code 5, and no run`, async () => {
      const { code, screen } = await atTerminal(['accept'], keys);
      expect(code, screen).to.equal(5);
      expect(screen).to.include('--allow traffic,change');
      expect(await runs()).to.equal(0);
    });

  it('Ctrl-C at the question: exit code 130, and no run', async () => {
    const { code, screen } = await atTerminal(['accept'], '\u0003');
    expect(code, screen).to.equal(130);
    expect(screen).to.include('nothing was changed');
    expect(await runs()).to.equal(0);
  });

  it('y lets the command run', async () => {
    const { code, screen } = await atTerminal(['load'], 'y\r');
    expect(screen).to.include('Allow traffic on web-lvs (preprod)? [y/N]');
    // No host answers: the run took place and could not tell.
    expect(code, screen).to.equal(3);
    expect(await runs()).to.equal(1);
  });

  it('--yes, --allow and reading alone ask nothing', async () => {
    for (const args of [
      ['load', '--yes'],
      ['load', '--allow', 'traffic'],
      ['check', 'director/vip'],
    ]) {
      const { code, screen } = await atTerminal(args, 'n\r');
      expect(screen).to.not.match(question);
      expect(code, screen).to.equal(3);
    }
  });

  it('--no-input refuses without a question: exit code 5', async () => {
    const { code, screen } = await atTerminal(['accept', '--no-input'], 'y\r');
    expect(code, screen).to.equal(5);
    expect(screen).to.not.match(question);
    expect(screen).to.include('--allow traffic');
    expect(await runs()).to.equal(0);
  });

  it('production refuses disruption without a question: exit code 5', async () => {
    const preprod = inventory;
    inventory = join(folder, 'production.yaml');
    try {
      await writeFile(inventory, natText.replace('environment: preprod', 'environment: production'));
      const { code, screen } = await atTerminal(['accept', '--yes', '--allow', 'traffic,change,disrupt'], 'y\r');
      expect(code, screen).to.equal(5);
      expect(screen).to.not.match(question);
      expect(screen).to.include('does not disrupt production');
    } finally {
      inventory = preprod;
    }
  });
});
