/** What this machine has of what ipvet needs; nothing is changed, and no host is asked. */
import { execFile } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { access, readFile, statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { chooseKinds, checkRequirements } from '../lab/requirements.ts';
import { loadCluster } from '../lib/config/load.ts';
import { ConfigError } from '../lib/config/problem.ts';
import { asIpvetError, IpvetError } from '../lib/errors.ts';
import type { Cluster } from '../lib/model/cluster.ts';
import { hostsOf } from '../lib/model/cluster.ts';
import { ownFile } from '../lib/own-files.ts';
import { ConfigReader } from '../lib/ssh/config-reader.ts';
import type { GlobalOptions } from './options.ts';

export interface MachineFinding {
  readonly what: string;
  /** `optional`: missing, and only a part needs it, which then says so. */
  readonly state: 'ok' | 'missing' | 'optional';
  readonly found: string;
  /** What to do, where it is missing. */
  readonly todo?: string;
}

/** A run of an hour with all its samples is below this. */
const enoughBytes = 200 * 2 ** 20;

export async function examineMachine(
  options: Pick<GlobalOptions, 'inventory' | 'out'>,
): Promise<readonly MachineFinding[]> {
  const { cluster, finding } = await clusterFile(resolve(options.inventory));
  const rest = await Promise.all([sshClient(), sshKeys(cluster), runFolder(options.out), arping(), lab()]);
  return [await node(), finding, ...rest];
}

async function node(): Promise<MachineFinding> {
  const found = `node ${process.versions.node}`;
  const text = await readFile(ownFile('package.json'), 'utf8');
  const { engines } = JSON.parse(text) as { readonly engines: { readonly node: string } };
  const least = engines.node.replace('>=', '');
  if (notOlder(process.versions.node, least)) return { what: 'node', state: 'ok', found };
  return { what: 'node', state: 'missing', found, todo: `install node ${least} or newer` };
}

function notOlder(version: string, least: string): boolean {
  return version.localeCompare(least, 'en', { numeric: true }) >= 0;
}

async function clusterFile(file: string): Promise<{ readonly cluster?: Cluster; readonly finding: MachineFinding }> {
  const what = 'cluster file';
  try {
    const cluster = await loadCluster(file);
    const found = `${file}: ${cluster.name}, ${hostsOf(cluster).length} hosts`;
    return { cluster, finding: { what, state: 'ok', found } };
  } catch (error) {
    const { message } = asIpvetError(error, 'CONFIG', file);
    const todo = error instanceof ConfigError ? `ipvet config validate -i ${file}` : '-i names another one';
    return { finding: { what, state: 'missing', found: message.split('\n')[0] ?? '', todo } };
  }
}

async function sshClient(): Promise<MachineFinding> {
  const what = 'ssh client';
  // ssh -V answers on standard error.
  const { stderr, failed } = await output('ssh', ['-V']);
  if (!failed) return { what, state: 'ok', found: stderr.trim() };
  const todo =
    'install openssh-client (Debian) or openssh-clients (RHEL): its configuration says how to reach the hosts';
  return { what, state: 'missing', found: 'there is no ssh', todo };
}

/** Keys of the agent, or key files that ssh's configuration names for the hosts. */
async function sshKeys(cluster: Cluster | undefined): Promise<MachineFinding> {
  const what = 'ssh keys';
  const { stdout, failed } = await output('ssh-add', ['-l']);
  const held = failed ? 0 : stdout.trim().split('\n').length;
  const files = await keyFiles(cluster);
  const agent = held > 0 ? [`the agent holds ${held}`] : [];
  const onDisk = files.length > 0 ? [`files ${files.map((file) => basename(file)).join(', ')}`] : [];
  if (agent.length + onDisk.length > 0) return { what, state: 'ok', found: [...agent, ...onDisk].join('; ') };
  const found = 'no agent with keys, and no key file';
  return {
    what,
    state: 'missing',
    found,
    todo: 'ssh-keygen -t ed25519, ssh-copy-id to each host; ssh-add keeps its passphrase',
  };
}

async function keyFiles(cluster: Cluster | undefined): Promise<readonly string[]> {
  const fallback = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(homedir(), '.ssh', name));
  if (cluster === undefined) return fallback.filter((file) => existsSync(file));
  const { configFile } = cluster.ssh;
  const remote = hostsOf(cluster).filter(({ host }) => host !== 'localhost');
  const reader = new ConfigReader(AbortSignal.timeout(10_000));
  const named = await Promise.all(
    remote.map(async ({ host: alias }) => {
      const question = { alias, ...(configFile === undefined ? {} : { configFile }) };
      // What ssh does not accept of its configuration, every other command says.
      const config = await reader.ask(question).catch(() => undefined);
      return config?.identityFiles ?? fallback;
    }),
  );
  return [...new Set(named.flat())].filter((file) => existsSync(file));
}

async function runFolder(out: string): Promise<MachineFinding> {
  const what = 'run folder';
  let folder = out;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const found = `${out}: ${Math.floor(free / 2 ** 20)} MiB free`;
    if (free >= enoughBytes) return { what, state: 'ok', found };
    return {
      what,
      state: 'missing',
      found,
      todo: `make room for ${enoughBytes / 2 ** 20} MiB, or give another with -o`,
    };
  } catch (error) {
    const { message } = asIpvetError(error, 'STORAGE', folder);
    return { what, state: 'missing', found: message, todo: 'give a folder you may write to with -o' };
  }
}

/** Recommended on every host; on this machine it is for clients that are on it. Another arping goes by other words. */
async function arping(): Promise<MachineFinding> {
  const what = 'arping';
  const { stdout, failed } = await output('arping', ['-V']);
  if (!failed && stdout.includes('iputils')) return { what, state: 'ok', found: stdout.split('\n')[0]?.trim() ?? '' };
  return {
    what,
    state: 'optional',
    found: 'there is no arping of iputils',
    todo: 'install iputils-arping (Debian) or iputils (RHEL), here and on the hosts, to see who answers for a VIP',
  };
}

/** As for hosts with a kernel of their own, which is what `ipvet lab up` makes. */
async function lab(): Promise<MachineFinding> {
  const what = 'lab';
  const { director } = chooseKinds('auto', false);
  try {
    await checkRequirements([{ name: 'director1', because: director.because }]);
    return { what, state: 'ok', found: 'everything for `ipvet lab up`' };
  } catch (error) {
    if (!(error instanceof IpvetError)) throw error;
    const todo = error.hint?.split('\n')[0];
    return { what, state: 'optional', found: error.message, ...(todo === undefined ? {} : { todo }) };
  }
}

interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly failed: boolean;
}

function output(program: string, args: readonly string[]): Promise<Output> {
  return new Promise((done) => {
    execFile(program, args, { timeout: 5000 }, (error, stdout, stderr) => {
      done({ stdout, stderr, failed: error !== null });
    });
  });
}
