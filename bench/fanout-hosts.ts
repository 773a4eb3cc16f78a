/**
 * Hosts on a segment of their own: a network namespace, a name and a real sshd with its own key each, a switch between
 * them, and a namespace for who asks. Nothing of it has a way out. Needs root on Linux.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const sshd = '/usr/sbin/sshd';
const noAptCache = '/etc/apt/apt.conf.d/docker-clean';
const aptCache = '/var/cache/apt';

export class SshdHosts {
  readonly dir: string;
  /** For ssh -F. */
  readonly configFile: string;
  readonly names: readonly string[];
  readonly #namespaces: readonly string[];
  readonly #processes: readonly ChildProcess[];

  private constructor(
    dir: string,
    names: readonly string[],
    namespaces: readonly string[],
    processes: readonly ChildProcess[],
  ) {
    this.dir = dir;
    this.configFile = path.join(dir, 'ssh_config');
    this.names = names;
    this.#namespaces = namespaces;
    this.#processes = processes;
  }

  /** `host0` has 10.99.0.1, and so on; who asks has 10.99.1.254 and a /23. */
  static address(index: number): string {
    return `10.99.0.${index + 1}`;
  }

  static readonly clientAddress = '10.99.1.254';
  /** `host0` has it on the wire, every other one on lo, where it does not answer ARP for it: a VS/DR cluster. */
  static readonly vip = '10.99.1.100';

  static async start(count: number): Promise<SshdHosts> {
    if (!existsSync(sshd)) throw new Error(`no ${sshd}: apt-get install openssh-server`);
    const dir = mkdtempSync(path.join(tmpdir(), 'ipvet-bench-'));
    const names = Array.from({ length: count }, (_, index) => `host${index}`);
    const prefix = `ipvet-bench-${process.pid}`;
    const namespaces = [`${prefix}-switch`, `${prefix}-client`, ...names.map((name) => `${prefix}-${name}`)];
    const processes: ChildProcess[] = [];
    const hosts = new SshdHosts(dir, names, namespaces, processes);
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        void hosts.close().finally(() => process.exit(130));
      });
    try {
      await makeNetwork(namespaces);
      const userKey = await key(dir, 'user_key');
      const hostKeys = await Promise.all(names.map((name) => key(dir, `${name}_key`)));
      const known = names.map((name, index) => `${name} ${hostKeys[index]?.publicText ?? ''}`);
      writeFileSync(path.join(dir, 'known_hosts'), `${known.join('\n')}\n`);
      writeFileSync(hosts.configFile, configText(dir, names));
      writeFileSync(path.join(dir, 'hosts'), hostTable(names));
      for (const [index, name] of names.entries())
        processes.push(await startSshd(dir, name, namespaces[index + 2] ?? '', userKey.path));
    } catch (error) {
      await hosts.close();
      throw error;
    }
    return hosts;
  }

  /** The words that run a program where the hosts can be reached. */
  from(...argv: readonly string[]): readonly string[] {
    return ['ip', 'netns', 'exec', this.#namespaces[1] ?? '', ...argv];
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
    for (const name of this.#namespaces) {
      // Connections that a program kept for later, Ansible's among them: without a network neither end would notice.
      const { stdout } = await run('ip', ['netns', 'pids', name]).catch(() => ({ stdout: '' }));
      for (const pid of stdout.split('\n').filter(Boolean).map(Number)) endIfThere(pid);
      await run('ip', ['netns', 'delete', name]).catch(() => undefined);
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function endIfThere(pid: number): void {
  try {
    process.kill(pid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** One veth pair from the switch to each other namespace. */
async function makeNetwork([hub = '', ...others]: readonly string[]): Promise<void> {
  await batch(
    [],
    [hub, ...others].map((name) => `netns add ${name}`),
  );
  await batch(
    ['-n', hub],
    [
      'link add name br0 type bridge stp_state 0 forward_delay 0',
      'link set br0 up',
      ...others.flatMap((name, index) => [
        `link add p${index} type veth peer name eth0 netns ${name}`,
        `link set p${index} master br0 up`,
      ]),
    ],
  );
  for (const [index, name] of others.entries()) {
    const address = index === 0 ? SshdHosts.clientAddress : SshdHosts.address(index - 1);
    const vip = index === 0 ? [] : [`address add ${SshdHosts.vip}/32 dev ${index === 1 ? 'eth0' : 'lo'}`];
    await batch(['-n', name], ['link set lo up', `address add ${address}/23 dev eth0`, ...vip]);
    const silence = ['net.ipv4.conf.all.arp_ignore=1', 'net.ipv4.conf.all.arp_announce=2'];
    if (index > 1) await run('ip', ['netns', 'exec', name, 'sysctl', '-qw', ...silence]);
    await batch(['-n', name], ['link set eth0 up']);
  }
}

async function batch(where: readonly string[], lines: readonly string[]): Promise<void> {
  const child = spawn('ip', [...where, '-batch', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
  child.stdin.end(`${lines.join('\n')}\n`);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`ip -batch: ${said}`);
}

function hostTable(names: readonly string[]): string {
  return [
    '127.0.0.1 localhost',
    `${SshdHosts.clientAddress} client`,
    ...names.map((name, index) => `${SshdHosts.address(index)} ${name}`),
    '',
  ].join('\n');
}

function configText(dir: string, names: readonly string[]): string {
  return [
    ...names.map((name, index) => `Host ${name}\n  HostName ${SshdHosts.address(index)}\n  HostKeyAlias ${name}`),
    'Host *',
    '  User root',
    `  IdentityFile ${path.join(dir, 'user_key')}`,
    '  IdentitiesOnly yes',
    '  IdentityAgent none',
    `  UserKnownHostsFile ${path.join(dir, 'known_hosts')}`,
    '  BatchMode yes',
    '',
  ].join('\n');
}

async function key(dir: string, name: string): Promise<{ readonly path: string; readonly publicText: string }> {
  const file = path.join(dir, name);
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
  return { path: file, publicText: readFileSync(`${file}.pub`, 'utf8').trim() };
}

async function startSshd(dir: string, name: string, namespace: string, userKey: string): Promise<ChildProcess> {
  const config = path.join(dir, `${name}_config`);
  writeFileSync(
    config,
    [
      `HostKey ${path.join(dir, `${name}_key`)}`,
      `AuthorizedKeysFile ${userKey}.pub`,
      'PidFile none',
      'UsePAM no',
      'StrictModes no',
      'PermitRootLogin yes',
      'MaxStartups 200',
    ].join('\n'),
  );
  // sshd wants its empty folder below /run, and this machine's own login profile is no measure of a server's: both come
  // with the mount namespace that `ip netns exec` makes, and go with it. So does apt's cache of packages, which servers
  // have and container images switch off; all hosts share it.
  const passwd = path.join(dir, 'passwd');
  const home = folderIn(dir, 'home');
  writeFileSync(passwd, readFileSync('/etc/passwd', 'utf8').replace(/^(root:(?:[^:]*:){4})[^:]*:/m, `$1${home}:`));
  const inNamespace = [
    `hostname ${name}`,
    'mount -t tmpfs tmpfs /run',
    'mkdir -p /run/sshd',
    `mount --bind ${passwd} /etc/passwd`,
    `mount --bind ${path.join(dir, 'hosts')} /etc/hosts`,
    ...(existsSync(noAptCache) ? [`mount --bind /dev/null ${noAptCache}`] : []),
    ...(existsSync(aptCache) ? [`mount --bind ${folderIn(dir, 'apt')} ${aptCache}`] : []),
    `exec ${sshd} -D -e -f ${config}`,
  ].join(' && ');
  const child = spawn('ip', ['netns', 'exec', namespace, 'unshare', '--uts', 'sh', '-c', inNamespace], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
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

/** A folder for what a benchmark compiles or writes, removed with the hosts. */
export function folderIn(dir: string, name: string): string {
  const folder = path.join(dir, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
