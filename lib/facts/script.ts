/**
 * The POSIX sh program that fetches all facts of a host in one round trip. It must do in dash, bash and busybox sh.
 * A fork costs more than anything else here: whatever the shell can do by itself, it does.
 */
import { quoteWord } from '../ssh/quote.ts';
import { becomingRoot } from './becoming-root.ts';
import type { Collector } from './collector.ts';
import { askIp, type IpQuestion } from './ip-questions.ts';
import { ownSections } from './own-sections.ts';
import type { FactQuestions } from './questions.ts';

/**
 * `m b NAME` and `m e NAME EXIT` mark the begin and end of a section on both streams, with the uptime in s. The word that
 * makes a marker differs from run to run and comes first on standard input, so that the program's own words never do.
 * `n NAME EXIT NEXT` ends one section and begins the next.
 */
const prelude = String.raw`LC_ALL=C; export LC_ALL; unset LANGUAGE http_proxy all_proxy
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"; export PATH
H=$HOME
read -r N; exec </dev/null
m() { u=-; { read -r u x </proc/uptime; } 2>/dev/null; printf '\n%s %s %s\n' "$N" "$u" "$*"; printf '\n%s %s %s\n' "$N" "$u" "$*" >&2; }
n() { u=-; { read -r u x </proc/uptime; } 2>/dev/null; set -- "$N $u e $1 $2" "$N $u b $3"; printf '\n%s\n%s\n' "$@"; printf '\n%s\n%s\n' "$@" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }
absent() { printf '%s: not found\n' "$1" >&2; return 127; }
bounded() { s=$1; shift; if has timeout; then timeout "$s" "$@"; else "$@"; fi; }
`;

/** Arguments for the login user's shell; standard input is one line, the nonce. */
export function factsArgv(collectors: readonly Collector[], questions: FactQuestions): readonly string[] {
  return ['sh', '-c', program(collectors, questions), 'ipvet-facts'];
}

/**
 * The clock is read first, and with it when this process began (field 22 of proc_pid_stat(5)), which tells how long after
 * the request that was. Then it is settled who we are and what sudo allows, then come the facts.
 */
function program(collectors: readonly Collector[], questions: FactQuestions): string {
  const patterns = [...new Set(collectors.flatMap(({ files }) => files?.(questions) ?? []))];
  const ipQuestions = ipQuestionsOf(collectors, questions);
  const beside = besideOf(collectors, questions);
  const sections = [
    { name: ownSections.files, script: patterns.length === 0 ? '' : readFiles(patterns) },
    { name: ownSections.ip, script: ipQuestions.length === 0 ? '' : askIp(ipQuestions) },
    ...collectors.map((collector) => ({
      name: collector.fact,
      script: collector.script(questions, descriptorOf(collector, beside)).trim(),
    })),
  ];
  const body = beside.reduceRight(
    (lines, { text, descriptor }) => `{\n${text}\n} 2>&1 | {\nexec ${descriptor}<&0 </dev/null\n${lines}}\n`,
    marked(sections.filter(({ script }) => script !== '')),
  );
  const asksSudo = collectors.some(({ fact, needsRoot }) => needsRoot !== false || fact === 'privilege');
  return String.raw`${prelude}m b ${ownSections.clock}; date +%s.%N; c=$?
{ read -r x x x x x x x x x x x x x x x x x x x x x b x </proc/$$/stat; } 2>/dev/null; printf '%s\n' "$b"; m e ${ownSections.clock} $c
m b ${ownSections.openFiles}; ulimit -n; m e ${ownSections.openFiles} $?
${becomingRoot(questions, asksSudo)}${body}`;
}

interface Beside {
  readonly collector: Collector;
  readonly text: string;
  /** What it prints is read from there. */
  readonly descriptor: number;
}

/** From descriptor 3 on. */
function besideOf(collectors: readonly Collector[], questions: FactQuestions): readonly Beside[] {
  return collectors
    .map((collector) => ({ collector, text: collector.beside?.(questions).trim() ?? '' }))
    .filter(({ text }) => text !== '')
    .map((each, index) => ({ ...each, descriptor: 3 + index }));
}

/** 0, the empty standard input, for a collector with nothing beside. */
function descriptorOf(collector: Collector, beside: readonly Beside[]): number {
  return beside.find((each) => each.collector === collector)?.descriptor ?? 0;
}

interface ScriptSection {
  readonly name: string;
  readonly script: string;
}

/** Each section between its marks, and the begin of the one that says that all came. */
function marked(sections: readonly ScriptSection[]): string {
  const names = [...sections.map(({ name }) => name), ownSections.end];
  const parts = sections.map(({ name, script }, index) => `${script}\nn ${name} $? ${names[index + 1] ?? ''}\n`);
  return `m b ${names[0] ?? ''}\n${parts.join('')}`;
}

/** In the order of their first mention, each once. */
export function ipQuestionsOf(collectors: readonly Collector[], questions: FactQuestions): readonly IpQuestion[] {
  const byWords = new Map<string, IpQuestion>();
  for (const question of collectors.flatMap(({ ip }) => ip?.(questions) ?? []))
    if (!byWords.has(question.words)) byWords.set(question.words, question);
  return [...byWords.values()];
}

/**
 * `+PATH` for each file that can be read, `!PATH` for one that cannot be, or for a pattern in a folder that cannot be
 * listed, `-PATH` for what is no regular file; then `PATH:LINE` for every line. The files are named by their numbers among the
 * shell's arguments: a list of arguments that grows by one is copied each time.
 */
function readFiles(patterns: readonly string[]): string {
  return String.raw`set -- ${patterns.map(quotePattern).join(' ')}
i=0 a= l=
for f do i=$((i + 1))
if [ -f "$f" ]; then
if [ -r "$f" ]; then a="$a \"\${$i}\"" l="$l+$f$E"; else l="$l!$f$E"; fi
elif [ -e "$f" ]; then l="$l-$f$E"
elif d=${'${f%/*}'}; [ -d "$d" ] && { [ ! -r "$d" ] || [ ! -x "$d" ]; }; then l="$l!$f$E"; fi
done
printf %s "$l"
if [ -n "$a" ]; then eval "grep -aH '' $a"; fi`;
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
  readonly irregular: readonly string[];
} {
  const lines = text.split('\n');
  const files = new Map<string, string>();
  const unreadable: string[] = [];
  const irregular: string[] = [];
  const paths: string[] = [];
  let next = 0;
  let at = 0;
  for (; next < lines.length; next++) {
    const line = lines[next] ?? '';
    if (line.startsWith('+')) paths.push(line.slice(1));
    else if (line.startsWith('!')) unreadable.push(line.slice(1));
    else if (line.startsWith('-')) irregular.push(line.slice(1));
    else break;
  }
  for (const path of paths) files.set(path, '');
  for (const line of lines.slice(next)) {
    // grep goes through the files in the order given, so the line belongs to the file at hand or to a later one.
    let ahead = at;
    while (ahead < paths.length && !begins(line, paths[ahead])) ahead++;
    const path = paths[ahead];
    if (path === undefined) continue;
    at = ahead;
    files.set(path, `${files.get(path) ?? ''}${line.slice(path.length + 1)}\n`);
  }
  return { files, unreadable, irregular };
}

function begins(line: string, path = ''): boolean {
  return line.charAt(path.length) === ':' && line.startsWith(path);
}

/** Tells whether a path is named by one of the shell patterns, with asterisks. */
export function matcherOf(patterns: readonly string[]): (path: string) => boolean {
  const key = patterns.join('\0');
  const found = matchers.get(key) ?? newMatcher(patterns);
  matchers.set(key, found);
  return found;
}

/** Few: each collector has its patterns by the host's role. */
const matchers = new Map<string, (path: string) => boolean>();

function newMatcher(patterns: readonly string[]): (path: string) => boolean {
  const names = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const sources = patterns
    .filter((pattern) => pattern.includes('*'))
    .map((pattern) =>
      pattern
        .split('*')
        .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
        .join('[^/]*'),
    );
  if (sources.length === 0) return (path) => names.has(path);
  const expression = new RegExp(`^(?:${sources.join('|')})$`);
  return (path) => names.has(path) || expression.test(path);
}
