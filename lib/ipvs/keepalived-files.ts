/** Reads keepalived.conf and what it includes, as the login user where it may, else the main file as root. */
import { IpvetError } from '../errors.ts';
import { parseKeepalivedConf } from '../parse/keepalived-conf.ts';
import { keepalivedConfig } from '../privileges/index.ts';
import type { Host } from '../ssh/host.ts';
import { type ConfFile, type ConfView, declaredInConf, includesOf } from './keepalived-conf.ts';

/** The one file that ipvet edits. */
export const confPath = keepalivedConfig.argv[1] ?? '';

export interface KeepalivedFiles {
  readonly path: string;
  /** The main file, as it is. It may hold passwords: for nothing that is printed or written here. */
  readonly text: string;
  readonly included: readonly ConfFile[];
  /** Include patterns of which no file, or not every file, could be read. */
  readonly unread: readonly string[];
  readonly view: ConfView;
}

/**
 * Undefined when there is no such file. Throws EXEC_FAILED for a text that is no configuration, PERMISSION when neither
 * the login user nor sudo may read it.
 */
export async function readKeepalivedFiles(
  host: Host,
  signal: AbortSignal,
  path = confPath,
): Promise<KeepalivedFiles | undefined> {
  const { name } = host.declaration;
  const bytes = await readMain(host, path, signal);
  if (bytes === undefined) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new IpvetError('EXEC_FAILED', `${name}: ${path} is not UTF-8`, {
      host: name,
      hint: 'what is written back must be what was read; convert the file with iconv',
      cause,
    });
  }
  try {
    const conf = parseKeepalivedConf(text, path);
    const { included, unread } = await readIncluded(host, includesOf(conf), signal);
    return { path, text, included, unread, view: declaredInConf([{ path, conf }, ...included], unread) };
  } catch (cause) {
    if (!(cause instanceof IpvetError) || cause.code !== 'INTERNAL') throw cause;
    throw new IpvetError('EXEC_FAILED', `${name}: ${cause.message}`, {
      host: name,
      hint: `keepalived --config-test --use-file=${path} on ${name} says what keepalived makes of it`,
      cause,
    });
  }
}

async function readMain(host: Host, path: string, signal: AbortSignal): Promise<Buffer | undefined> {
  const plain = await bytesOf(host, ['cat', path], false, signal);
  if (plain.exitCode === 0) return plain.bytes;
  if (plain.stderr.includes('No such file')) return undefined;
  const { name } = host.declaration;
  const asRoot = path === confPath ? await bytesOf(host, keepalivedConfig.argv, true, signal) : plain;
  if (asRoot.exitCode === 0) return asRoot.bytes;
  throw new IpvetError('PERMISSION', `${name}: ${path} cannot be read: ${asRoot.stderr.trim().split('\n')[0] ?? ''}`, {
    host: name,
    hint: 'ipvet doctor sudoers shows the sudo rule it takes',
  });
}

async function bytesOf(host: Host, argv: readonly string[], asRoot: boolean, signal: AbortSignal) {
  const pieces: Buffer[] = [];
  const { exitCode, stderr, truncated } = await host.exec(argv, {
    asRoot,
    signal,
    exitCodes: 'any',
    onStdout: (piece) => pieces.push(piece),
  });
  if (truncated)
    throw new IpvetError('EXEC_FAILED', `${host.declaration.name}: ${argv.join(' ')} gives more than can be read`, {
      host: host.declaration.name,
    });
  return { exitCode, stderr, bytes: Buffer.concat(pieces) };
}

/** The shell expands each pattern as keepalived does, from the folder of the main file, and runs nothing of it. */
function includeScript(patterns: readonly string[]): string {
  return String.raw`cd /etc/keepalived 2>/dev/null
IFS=
while read -r pattern; do
  found=
  for file in $pattern; do
    if [ ! -f "$file" ]; then continue; fi
    found=1
    if [ -r "$file" ]; then printf 'file %s\n' "$file"; else printf 'unread %s\n' "$pattern"; fi
  done
  if [ -z "$found" ]; then printf 'none %s\n' "$pattern"; fi
done <<'PATTERNS'
${patterns.join('\n')}
PATTERNS
`;
}

const deepestInclude = 5;
const mostIncluded = 100;

/** A pattern without a file is no loss: keepalived warns and goes on. */
async function readIncluded(host: Host, patterns: readonly string[], signal: AbortSignal) {
  const included: ConfFile[] = [];
  const unread = new Set<string>();
  let wanted = patterns;
  for (let depth = 0; wanted.length > 0; depth += 1) {
    const usable = wanted.filter((pattern) => /^[^\n$`]+$/.test(pattern) && depth < deepestInclude);
    for (const pattern of wanted) if (!usable.includes(pattern)) unread.add(pattern);
    const { stdout } = await host.exec(['sh', '-s'], { stdin: includeScript(usable), signal });
    const next: string[] = [];
    for (const line of stdout.split('\n')) {
      const [, kind, name = ''] = /^(file|unread) (.+)$/.exec(line) ?? [];
      if (kind === 'unread') unread.add(name);
      if (kind !== 'file' || included.some(({ path }) => path === absolute(name))) continue;
      if (included.length === mostIncluded) {
        unread.add(name);
        continue;
      }
      const { bytes } = await bytesOf(host, ['cat', absolute(name)], false, signal);
      const conf = parseKeepalivedConf(bytes.toString('utf8'), absolute(name));
      included.push({ path: absolute(name), conf });
      next.push(...includesOf(conf));
    }
    wanted = next;
  }
  return { included, unread: [...unread] };
}

function absolute(name: string): string {
  return name.startsWith('/') ? name : `/etc/keepalived/${name}`;
}
