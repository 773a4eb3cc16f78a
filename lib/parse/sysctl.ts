/** Kernel parameters: at run time from files under /proc/sys, at the next boot from the files sysctl.d(5) lists. */
import type { PersistedSysctls } from '../model/facts.ts';

const root = '/proc/sys/';

/**
 * Path → key as sysctl(8) writes it: slashes become dots, and dots of a name (`eth0.100`) become slashes.
 * Undefined for a path outside /proc/sys.
 */
export function keyOfSysctlPath(path: string): string | undefined {
  if (!path.startsWith(root)) return undefined;
  return swapSeparators(path.slice(root.length));
}

/** Key → path. `net.ipv4.conf.eth0/100.rp_filter` and `net/ipv4/conf/eth0.100/rp_filter` are the same key. */
export function pathOfSysctlKey(key: string): string {
  return root + swapSeparators(canonicalKey(key));
}

/** One file of sysctl.d(5), with all of its text. */
export interface SysctlFile {
  readonly path: string;
  readonly text: string;
}

const directories = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d', '/lib/sysctl.d'];

/** Shell patterns of every file that can hold a setting. */
export const sysctlFilePatterns: readonly string[] = [
  ...directories.map((directory) => `${directory}/*.conf`),
  '/etc/sysctl.conf',
];

/**
 * What the next boot assigns. Files are taken by base name, a name in an earlier directory hiding the same name in a
 * later one (sysctl.d(5), sysctl(8) --system). `/etc/sysctl.conf` is read last by procps; systemd-sysctl reads it only
 * where a link in sysctl.d (99-sysctl.conf on Debian 12 and RHEL) leads to it, so with `systemd` it is left out.
 * A glob sets a key of `keys` it matches, unless some file names that key or excludes it.
 */
export function persistedSysctls(
  files: readonly SysctlFile[],
  keys: readonly string[],
  options: { readonly systemd: boolean },
): PersistedSysctls {
  const explicit = new Map<string, { value: string; file: string }>();
  const globs: { pattern: RegExp; value: string; file: string }[] = [];
  const excluded: RegExp[] = [];
  for (const file of inOrder(files, options.systemd)) {
    for (const { key, value } of assignments(file.text)) {
      const isGlob = /[*?[]/.test(key);
      if (value === undefined) excluded.push(patternOf(key));
      else if (isGlob) globs.push({ pattern: patternOf(key), value, file: file.path });
      else explicit.set(key, { value, file: file.path });
    }
  }
  const settings: Record<string, { value: string; file: string }> = {};
  for (const key of keys.map(canonicalKey)) {
    if (explicit.has(key) || excluded.some((pattern) => pattern.test(key))) continue;
    const glob = globs.findLast(({ pattern }) => pattern.test(key));
    if (glob !== undefined) settings[key] = { value: glob.value, file: glob.file };
  }
  return { ...settings, ...Object.fromEntries(explicit) };
}

function inOrder(files: readonly SysctlFile[], systemd: boolean): readonly SysctlFile[] {
  const rank = (path: string): number => directories.indexOf(path.slice(0, path.lastIndexOf('/')));
  const byName = new Map<string, SysctlFile>();
  for (const file of files) {
    if (rank(file.path) < 0) continue;
    const name = file.path.slice(file.path.lastIndexOf('/') + 1);
    const other = byName.get(name);
    if (other === undefined || rank(file.path) < rank(other.path)) byName.set(name, file);
  }
  const ordered = [...byName.entries()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, file]) => file);
  const last = files.find(({ path }) => path === '/etc/sysctl.conf');
  return last === undefined || systemd ? ordered : [...ordered, last];
}

interface Assignment {
  readonly key: string;
  /** Undefined for a line such as `-net.ipv4.conf.lo.rp_filter`, which keeps globs off the key. */
  readonly value: string | undefined;
}

function assignments(text: string): readonly Assignment[] {
  return text.split('\n').flatMap((raw): readonly Assignment[] => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) return [];
    const equals = line.indexOf('=');
    if (equals < 0) {
      return line.startsWith('-') ? [{ key: canonicalKey(line.slice(1).trim()), value: undefined }] : [];
    }
    const key = line.slice(0, equals).trim().replace(/^-\s*/, '');
    return key === '' ? [] : [{ key: canonicalKey(key), value: line.slice(equals + 1).trim() }];
  });
}

/** The first separator decides which of the two spellings it is (sysctl.d(5)). */
function canonicalKey(key: string): string {
  return /[./]/.exec(key)?.[0] === '/' ? swapSeparators(key) : key;
}

function swapSeparators(text: string): string {
  return text.replaceAll(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

/** glob(7) over the dotted form; no part of the pattern crosses a dot. */
function patternOf(glob: string): RegExp {
  const source = glob.replaceAll(/\[!?[^\]]*\]|[*?]|[^*?[]+|\[/g, (part) => {
    if (part === '*') return '[^.]*';
    if (part === '?') return '[^.]';
    if (part.length > 1 && part.startsWith('[') && part.endsWith(']')) return setOf(part);
    return part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source}$`);
}

function setOf(part: string): string {
  const negated = part.startsWith('[!');
  const inner = part.slice(negated ? 2 : 1, -1).replaceAll(/[\\\]^]/g, '\\$&');
  // `[]`, `[!]` and ranges that run backwards are no sets: taken letter for letter.
  const set = `[${negated ? '^' : ''}${inner}]`;
  try {
    return inner === '' ? part.replaceAll(/[[\]]/g, '\\$&') : new RegExp(set).source;
  } catch {
    return part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  }
}
