/** Twenty real sshd processes on loopback, each with a key of its own, and the ssh configuration that leads to them. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const sshd = '/usr/sbin/sshd';

export class SshdHosts {
  readonly dir: string;
  /** For ssh -F. */
  readonly configFile: string;
  readonly names: readonly string[];
  readonly #processes: readonly ChildProcess[];

  private constructor(dir: string, configFile: string, names: readonly string[], processes: readonly ChildProcess[]) {
    this.dir = dir;
    this.configFile = configFile;
    this.names = names;
    this.#processes = processes;
  }

  static async start(count: number): Promise<SshdHosts> {
    const dir = mkdtempSync(path.join(tmpdir(), 'ipvet-bench-'));
    const names = Array.from({ length: count }, (_, index) => `host${index}`);
    const userKey = await key(dir, 'user_key');
    const processes: ChildProcess[] = [];
    const known: string[] = [];
    const blocks: string[] = [];
    try {
      for (const name of names) {
        const port = await freePort();
        const hostKey = await key(dir, `${name}_key`);
        known.push(`[127.0.0.1]:${port} ${hostKey.publicText}`);
        blocks.push(`Host ${name}\n  Port ${port}`);
        processes.push(await startSshd(dir, name, port, userKey.path));
      }
    } catch (error) {
      for (const child of processes) child.kill();
      rmSync(dir, { recursive: true, force: true });
      throw error;
    }
    writeFileSync(path.join(dir, 'known_hosts'), `${known.join('\n')}\n`);
    const configFile = path.join(dir, 'ssh_config');
    const all = [
      'Host *',
      '  HostName 127.0.0.1',
      `  User ${userInfo().username}`,
      `  IdentityFile ${userKey.path}`,
      '  IdentitiesOnly yes',
      '  IdentityAgent none',
      `  UserKnownHostsFile ${path.join(dir, 'known_hosts')}`,
      '  BatchMode yes',
    ];
    writeFileSync(configFile, [...blocks, ...all].join('\n'));
    return new SshdHosts(dir, configFile, names, processes);
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#processes.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, 'exit');
        child.kill();
        await gone;
      }),
    );
    rmSync(this.dir, { recursive: true, force: true });
  }
}

async function key(dir: string, name: string): Promise<{ readonly path: string; readonly publicText: string }> {
  const file = path.join(dir, name);
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
  const { stdout } = await run('ssh-keygen', ['-y', '-f', file]);
  return { path: file, publicText: stdout.trim() };
}

async function startSshd(dir: string, name: string, port: number, userKey: string): Promise<ChildProcess> {
  const config = path.join(dir, `${name}_config`);
  writeFileSync(
    config,
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${path.join(dir, `${name}_key`)}`,
      `AuthorizedKeysFile ${userKey}.pub`,
      'PidFile none',
      'UsePAM no',
      'StrictModes no',
      'PermitRootLogin yes',
    ].join('\n'),
  );
  const argv = [sshd, '-D', '-e', '-f', config];
  // As root sshd wants its empty folder below /run, and this machine's own login profile is no measure of a server's:
  // both come with a mount namespace of its own, and go with it.
  const passwd = path.join(dir, 'passwd');
  const home = folderIn(dir, 'home');
  writeFileSync(passwd, readFileSync('/etc/passwd', 'utf8').replace(/^(root:(?:[^:]*:){4})[^:]*:/m, `$1${home}:`));
  const inNamespace = [
    'mount -t tmpfs tmpfs /run',
    'mkdir -p /run/sshd',
    `mount --bind ${passwd} /etc/passwd`,
    `exec ${argv.join(' ')}`,
  ].join(' && ');
  const child =
    process.getuid?.() === 0 && process.platform === 'linux'
      ? spawn('unshare', ['-m', '--', '/bin/sh', '-c', inNamespace], { stdio: ['ignore', 'ignore', 'pipe'] })
      : spawn(sshd, argv.slice(1), { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => {
      reject(new Error(`sshd ended: ${said}`));
    });
    child.stderr.on('data', (piece: Buffer) => {
      if (said.length < 10_000) said += piece.toString();
      if (said.includes('listening on')) resolve();
    });
  });
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A folder for what a benchmark compiles, removed with the hosts. */
export function folderIn(dir: string, name: string): string {
  const folder = path.join(dir, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
