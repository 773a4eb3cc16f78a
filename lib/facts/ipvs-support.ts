/**
 * What a director has of IPVS, found without changing it: ipvsadm loads ip_vs whenever it is run, `ipvsadm --version`
 * too (ipvsadm.c, modprobe_ipvs), so its version is read from the program's own text.
 */
import type { IpvsSupport } from '../model/facts.ts';
import type { Collector, Section } from './collector.ts';
import { quoteWord } from '../ssh/quote.ts';

const mark = '@ipvs';
const directories = ['/usr/sbin', '/sbin', '/usr/local/sbin', '/usr/bin', '/bin'];

export const ipvsSupport: Collector<'ipvsSupport'> = {
  fact: 'ipvsSupport',
  needsRoot: false,
  command: ({ schedulers }) =>
    `command -v ipvsadm; ls /proc/net/ip_vs; modprobe -n -v -a ${['ip_vs', ...schedulers.map(moduleOf)].join(' ')}`,
  // A module that is there already, or part of the kernel, needs no modprobe: `modprobe -n -v` is silent about it.
  script: ({ schedulers }) => `for d in ${directories.join(' ')}; do
if [ -x "$d/ipvsadm" ]; then printf '${mark} tool %s\\n' "$d/ipvsadm"; grep -m 1 -ao 'ipvsadm v[0-9][0-9.]*' "$d/ipvsadm"; break; fi
done
set --
if [ -e /proc/net/ip_vs ]; then printf '${mark} loaded\\n'; else set -- ip_vs; fi
for s in ${schedulers.map((name) => quoteWord(moduleOf(name))).join(' ')}; do
if [ -d "/sys/module/$s" ]; then printf '${mark} present %s\\n' "$s"; else set -- "$@" "$s"; fi
done
ask() { printf '${mark} ask %s\\n' "$*"; if has modprobe; then modprobe -n -v -a "$@" 2>&1; printf '${mark} asked %s\\n' $?; fi; }
if [ $# -gt 0 ]; then
o=$(ask "$@")
case $#,$o in [2-9]*,*install*) for s; do ask "$s"; done;; *) printf '%s\\n' "$o";; esac
fi
:`,
  parse: parseSupport,
  show: ({ stdout, stderr }) => {
    const lines = stdout.split('\n').flatMap((line) => {
      const [, word, rest] = /^@ipvs (\w+) ?(.*)$/.exec(line) ?? [];
      if (word === 'tool') return [rest ?? ''];
      if (word === 'loaded') return ['/proc/net/ip_vs'];
      if (word === 'present') return [`/sys/module/${rest ?? ''}`];
      if (word === 'ask') return [`modprobe -n -v -a ${rest ?? ''}`];
      return word === undefined ? [line] : [];
    });
    return `${lines.join('\n').trim()}\n${stderr}`.trim();
  },
};

function moduleOf(scheduler: string): string {
  return `ip_vs_${scheduler}`;
}

function parseSupport(section: Section, { schedulers }: { readonly schedulers: readonly string[] }): IpvsSupport {
  const lines = section.stdout.split('\n');
  const loaded = lines.includes(`${mark} loaded`);
  const answers = answersIn(lines);
  const state = (module: string): boolean | undefined => {
    if (lines.includes(`${mark} present ${module}`)) return true;
    const answer = answers.find(({ modules }) => modules.includes(module));
    if (answer?.whole !== true || answer.lines.flatMap(absentModule).includes(module))
      return answer?.whole === true ? false : undefined;
    // modprobe prints the command put in a module's place, and not whose place it is: then each was asked for alone.
    return !answer.lines.some((line) => keptFromLoading.test(line));
  };
  const loadable = loaded ? true : state('ip_vs');
  const found = schedulers.flatMap((name) => {
    const present = state(moduleOf(name));
    return present === undefined ? [] : [[name, present] as const];
  });
  const tool = lines.find((line) => line.startsWith(`${mark} tool `))?.slice(`${mark} tool `.length);
  const version = lines.find((line) => line.startsWith('ipvsadm v'));
  return {
    // A program that does not name its version is there all the same.
    ...(tool === undefined ? {} : { ipvsadm: version ?? tool }),
    loaded,
    ...(loadable === undefined ? {} : { loadable }),
    schedulers: Object.fromEntries(found),
  };
}

interface Answer {
  readonly modules: readonly string[];
  readonly lines: readonly string[];
  /** Whether modprobe ran, and ended. */
  readonly whole: boolean;
}

function answersIn(lines: readonly string[]): readonly Answer[] {
  const starts = lines.flatMap((line, index) => (line.startsWith(`${mark} ask `) ? [index] : []));
  return starts.map((start, index) => {
    const said = lines.slice(start + 1, starts[index + 1]);
    const end = said.findIndex((line) => line.startsWith(`${mark} asked `));
    const [, , ...modules] = (lines[start] ?? '').split(' ');
    return { modules, lines: end < 0 ? said : said.slice(0, end), whole: end >= 0 };
  });
}

/** `install ip_vs /bin/false` in modprobe.d(5). */
const keptFromLoading = /^install \S*\/?(?:false|true)\b/;

/** As kmod and busybox say it. */
function absentModule(line: string): readonly string[] {
  const name = /module '?([\w-]+)'? not found/i.exec(line)?.[1];
  return name === undefined ? [] : [name.replaceAll('-', '_')];
}
