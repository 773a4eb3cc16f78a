/**
 * The configuration the operator's own OpenSSH would use for a host: `ssh -G` evaluates Host, Match and Include
 * (config-reader.ts), and we read the answer. Where there is no ssh, its defaults.
 */
import { homedir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { IpvetError } from '../errors.ts';

export interface ClientConfig {
  /** What was asked for: an alias, a name or an address. */
  readonly alias: string;
  readonly hostname: string;
  readonly user: string;
  readonly port: number;
  /** In the order to try; absolute; may not exist. */
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  readonly agentSocket?: string;
  readonly proxyJump?: string;
  readonly proxyCommand?: string;
  /** The user's, then the system's. */
  readonly knownHostsFiles: readonly string[];
  /** `accept-new` also for `no`: an unknown key is taken, a contradicting one never is. Nothing is written. */
  readonly hostKeyChecking: 'strict' | 'accept-new';
  readonly hostKeyAlias?: string;
  /** Names as OpenSSH spells them; absent where ssh did not say. */
  readonly hostKeyAlgorithms?: readonly string[];
  readonly kexAlgorithms?: readonly string[];
  readonly ciphers?: readonly string[];
  readonly macs?: readonly string[];
  readonly connectTimeoutMs?: number;
  readonly keepaliveIntervalMs?: number;
  readonly keepaliveCountMax?: number;
  readonly addressFamily?: 4 | 6;
  readonly bindAddress?: string;
}

export interface ConfigQuestion {
  readonly alias: string;
  /** From the cluster file: stronger than the ssh configuration. */
  readonly user?: string;
  readonly port?: number;
  /** ssh -F. */
  readonly configFile?: string;
}

/** What OpenSSH would use with no configuration at all. */
export function defaultConfig(question: ConfigQuestion): ClientConfig {
  const at = question.alias.lastIndexOf('@');
  const lines = [
    `user ${question.user ?? (at > 0 ? question.alias.slice(0, at) : localUser())}`,
    `hostname ${question.alias.slice(at + 1)}`,
    `port ${question.port ?? 22}`,
    ...['id_rsa', 'id_ecdsa', 'id_ed25519'].map((name) => `identityfile ~/.ssh/${name}`),
    'userknownhostsfile ~/.ssh/known_hosts ~/.ssh/known_hosts2',
    'globalknownhostsfile /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2',
  ];
  return parseConfig(lines.join('\n'), question.alias);
}

/** Text of `ssh -G`: `keyword value` a line, lower-case keywords, tilde and tokens of some values not yet expanded. */
export function parseConfig(text: string, alias: string): ClientConfig {
  const values = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    if (space <= 0) continue;
    const key = line.slice(0, space).toLowerCase();
    values.set(key, [...(values.get(key) ?? []), line.slice(space + 1).trim()]);
  }
  const one = (key: string): string | undefined => {
    const value = values.get(key)?.[0];
    return value === undefined || value === 'none' || value === '' ? undefined : value;
  };
  const list = (key: string): string[] | undefined => one(key)?.split(',');
  const positive = (key: string): number | undefined => {
    const value = Number(one(key) ?? 0);
    return value > 0 ? value : undefined;
  };
  const hostname = one('hostname') ?? alias;
  const user = one('user') ?? localUser();
  const port = Number(one('port') ?? 22);
  const home = homeOfUser();
  const path = (value: string) => expandPath(value, { home, hostname, user, port, alias });
  const files = (key: string) => (one(key)?.split(/\s+/) ?? []).filter((file) => file !== 'none').map(path);

  return {
    alias,
    hostname,
    user,
    port,
    identityFiles: [...new Set((values.get('identityfile') ?? []).filter((file) => file !== 'none').map(path))],
    identitiesOnly: one('identitiesonly') === 'yes',
    ...optional('agentSocket', agentSocket(values.get('identityagent')?.[0], path)),
    ...optional('proxyJump', one('proxyjump')),
    ...optional('proxyCommand', one('proxycommand')),
    knownHostsFiles: [...files('userknownhostsfile'), ...files('globalknownhostsfile')],
    hostKeyChecking: ['no', 'off', 'false', 'accept-new'].includes(one('stricthostkeychecking') ?? '')
      ? 'accept-new'
      : 'strict',
    ...optional('hostKeyAlias', one('hostkeyalias')),
    ...optional('hostKeyAlgorithms', list('hostkeyalgorithms')),
    ...optional('kexAlgorithms', list('kexalgorithms')),
    ...optional('ciphers', list('ciphers')),
    ...optional('macs', list('macs')),
    ...optional('connectTimeoutMs', times1000(positive('connecttimeout'))),
    ...optional('keepaliveIntervalMs', times1000(positive('serveraliveinterval'))),
    ...optional('keepaliveCountMax', positive('serveralivecountmax')),
    ...optional('addressFamily', addressFamily(one('addressfamily'))),
    ...optional('bindAddress', one('bindaddress')),
  };
}

function addressFamily(value: string | undefined): 4 | 6 | undefined {
  if (value === 'inet') return 4;
  return value === 'inet6' ? 6 : undefined;
}

function times1000(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value * 1000;
}

function optional<K extends string, V>(key: K, value: V | undefined): Readonly<Partial<Record<K, V>>> {
  const entries = value === undefined ? [] : [[key, value] as const];
  return Object.fromEntries(entries) as Readonly<Partial<Record<K, V>>>;
}

/** IdentityAgent as ssh_config(5) has it: a path, `none`, `SSH_AUTH_SOCK`, or `$NAME` of the environment. */
function agentSocket(value: string | undefined, path: (value: string) => string): string | undefined {
  if (value === 'none') return undefined;
  const fromEnvironment = (name: string) => (process.env[name] === '' ? undefined : process.env[name]);
  if (value === undefined || value === 'SSH_AUTH_SOCK') return fromEnvironment('SSH_AUTH_SOCK');
  return value.startsWith('$') ? fromEnvironment(value.slice(1)) : path(value);
}

/** OpenSSH takes the home of the password database, not $HOME. */
function homeOfUser(): string {
  try {
    return userInfo().homedir;
  } catch {
    return homedir();
  }
}

/** A uid without an entry in the password database has no name but the environment's. */
function localUser(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env['USER'] ?? 'root';
  }
}

interface Tokens {
  readonly home: string;
  readonly hostname: string;
  readonly user: string;
  readonly port: number;
  readonly alias: string;
}

function expandPath(value: string, tokens: Tokens): string {
  const known: Readonly<Record<string, string>> = {
    '%': '%',
    d: tokens.home,
    h: tokens.hostname,
    n: tokens.alias,
    p: String(tokens.port),
    r: tokens.user,
    u: localUser(),
    i: String(process.getuid?.() ?? ''),
  };
  const text = value
    .replace(/^"(.*)"$/, '$1')
    .replace(/%(.)/g, (all: string, token: string) => known[token] ?? all)
    .replace(/\$\{(\w+)\}/g, (_all, name: string) => process.env[name] ?? '');
  return text === '~' || text.startsWith('~/') ? join(tokens.home, text.slice(1)) : resolve(text);
}

/** ProxyCommand with its tokens filled in; `%%` is a percent sign. */
export function proxyCommandLine(command: string, { hostname, port, user, alias }: ClientConfig): string {
  const known: Readonly<Record<string, string>> = { '%': '%', h: hostname, p: String(port), r: user, n: alias };
  return command.replace(/%(.)/g, (all: string, token: string) => known[token] ?? all);
}

/** One hop of ProxyJump: `[user@]host[:port]` or `ssh://[user@]host[:port]`; an IPv6 address in brackets. */
export function parseHop(text: string): { readonly alias: string; readonly user?: string; readonly port?: number } {
  const match = /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[([^\]]+)\]|([^:@]+))(?::(\d+))?\/?$/.exec(text.trim());
  const alias = match?.[2] ?? match?.[3];
  if (match === null || alias === undefined)
    throw new IpvetError('SSH_CONFIG', `ProxyJump names "${text}", which is no [user@]host[:port].`, {
      hint: 'Correct ProxyJump in the ssh configuration.',
    });
  return {
    alias,
    ...optional('user', match[1]),
    ...optional('port', match[4] === undefined ? undefined : Number(match[4])),
  };
}
