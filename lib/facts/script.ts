/**
 * The POSIX sh program that fetches all facts of a host in one round trip. It must do in dash, bash and busybox sh.
 * A fork costs more than anything else here: whatever the shell can do by itself, it does.
 */
import { quoteWord } from '../ssh/quote.ts';
import type { Collector } from './collector.ts';
import type { FactQuestions } from './questions.ts';

/** Sections that belong to no single fact. */
export const ownSections = {
  clock: 'read-clock',
  openFiles: 'open-files',
  become: 'become',
  root: 'level',
  files: 'read-files',
  end: 'end',
} as const;

/** `m b NAME` and `m e NAME EXIT` mark the begin and end of a section on both streams, with the uptime in s. */
function prelude(nonce: string): string {
  return String.raw`LC_ALL=C; export LC_ALL; unset LANGUAGE http_proxy all_proxy
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"; export PATH
m() { u=-; { read -r u x </proc/uptime; } 2>/dev/null; printf '\n${nonce} %s %s\n' "$u" "$*"; printf '\n${nonce} %s %s\n' "$u" "$*" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }
bounded() { s=$1; shift; if has timeout; then timeout "$s" "$@"; else "$@"; fi; }
`;
}

/** Arguments for `sh -c`. */
export function factsArgv(
  nonce: string,
  collectors: readonly Collector[],
  questions: FactQuestions,
): readonly string[] {
  return ['sh', '-c', outer(nonce, questions.become ?? 'sudo'), 'ipvet-facts', inner(nonce, collectors, questions)];
}

/**
 * Runs as the login user: reads the clock first, and when its own process began (field 22 of proc_pid_stat(5)), which
 * tells how long after the request that was; then becomes root
 * if it can. The program for root comes on sudo's input, so that the system log holds `sh -s` and not all of it. When
 * sudo refuses, the program runs without root, and what sudo said stays in the section `become`.
 */
function outer(nonce: string, become: 'sudo' | 'none'): string {
  const sudo = String.raw`elif ! has sudo; then printf 'sudo is not installed\n' >&2
elif printf '%s' "$1" | sudo -n sh -s 1 "$HOME"; then exit 0`;
  return String.raw`${prelude(nonce)}m b ${ownSections.clock}; date +%s.%N; c=$?
{ read -r x x x x x x x x x x x x x x x x x x x x x b x </proc/$$/stat; } 2>/dev/null; printf '%s\n' "$b"; m e ${ownSections.clock} $c
m b ${ownSections.openFiles}; ulimit -n; m e ${ownSections.openFiles} $?
m b ${ownSections.become}
i=; { while read -r k r e x; do if [ "$k" = Uid: ]; then i=$e; fi; done </proc/self/status; } 2>/dev/null
[ -n "$i" ] || i=$(id -u)
if [ "$i" = 0 ]; then r=1
${become === 'sudo' ? sudo : ''}
fi
p=$1; set -- "${'${r:-0}'}" "$HOME"; eval "$p"
`;
}

function inner(nonce: string, collectors: readonly Collector[], questions: FactQuestions): string {
  const patterns = [...new Set(collectors.flatMap(({ files }) => files?.(questions) ?? []))];
  const sections = collectors.map((collector) => {
    const script = collector.script(questions).trim();
    if (script === '') return '';
    const section = `m b ${collector.fact}\n${script}\nm e ${collector.fact} $?\n`;
    return collector.needsRoot ? `if [ "$R" = 1 ]; then\n${section}fi\n` : section;
  });
  return `${prelude(nonce)}main() {
R=$1 H=$2
m b ${ownSections.root}; printf '%s\\n' "$R"; m e ${ownSections.root} 0
${patterns.length === 0 ? '' : readFiles(patterns)}${sections.join('')}m b ${ownSections.end}
}
main "$@" </dev/null
`;
}

/** `+PATH` for each file that can be read, `!PATH` for one that is there and cannot, then `PATH:LINE` for every line. */
function readFiles(patterns: readonly string[]): string {
  return String.raw`m b ${ownSections.files}
set --
for f in ${patterns.map(quotePattern).join(' ')}; do
if [ -f "$f" ] && [ -r "$f" ]; then set -- "$@" "$f"; printf '+%s\n' "$f"
elif [ -e "$f" ]; then printf '!%s\n' "$f"; fi
done
if [ $# -gt 0 ]; then grep -aH '' "$@"; fi
m e ${ownSections.files} $?
`;
}

/** Quoted but for the asterisks. */
function quotePattern(pattern: string): string {
  return pattern
    .split('*')
    .map((part) => (part === '' ? '' : quoteWord(part)))
    .join('*');
}

export function parseFiles(text: string): {
  readonly files: ReadonlyMap<string, string>;
  readonly unreadable: readonly string[];
} {
  const lines = text.split('\n');
  const files = new Map<string, string>();
  const unreadable: string[] = [];
  const paths: string[] = [];
  let next = 0;
  let at = -1;
  for (; next < lines.length; next++) {
    const line = lines[next] ?? '';
    if (line.startsWith('+')) paths.push(line.slice(1));
    else if (line.startsWith('!')) unreadable.push(line.slice(1));
    else break;
  }
  for (const path of paths) files.set(path, '');
  for (const line of lines.slice(next)) {
    // grep goes through the files in the order given, so the line belongs to the file at hand or to a later one.
    const ahead = paths.findIndex((path, index) => index >= Math.max(at, 0) && line.startsWith(`${path}:`));
    if (ahead < 0) continue;
    at = ahead;
    const path = paths[at] ?? '';
    files.set(path, `${files.get(path) ?? ''}${line.slice(path.length + 1)}\n`);
  }
  return { files, unreadable };
}

/** Whether a shell pattern with asterisks names the path. */
export function matchesPattern(path: string, pattern: string): boolean {
  const source = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('[^/]*')}$`).test(path);
}
