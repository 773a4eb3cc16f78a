/** Reads keepalived.conf and what it includes, as the login user where it may, else the main file as root. */
import { IpvetError } from '../errors.ts';
import { parseKeepalivedConf } from '../parse/keepalived-conf.ts';
import { keepalivedConfig, reloadKeepalived, writeKeepalivedConfig } from '../privileges/index.ts';
import type { Host } from '../ssh/host.ts';
import { type DirectorFile, readDirectorFile } from './director-files.ts';
import { type ConfFile, type ConfView, declaredInConf, includesOf } from './keepalived-conf.ts';

/** The one file that ipvet edits. */
export const confPath = '/etc/keepalived/keepalived.conf';

export const keepalivedFile: DirectorFile = {
  path: confPath,
  read: keepalivedConfig,
  write: writeKeepalivedConfig,
  then: reloadKeepalived,
};

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
  const text = await readDirectorFile(host, path === confPath ? keepalivedFile : { path }, signal);
  if (text === undefined) return undefined;
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
      const { stdout: text } = await host.exec(['cat', absolute(name)], { signal });
      const conf = parseKeepalivedConf(text, absolute(name));
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
