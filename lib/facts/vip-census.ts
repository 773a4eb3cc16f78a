import type { VipCensus } from '../model/facts.ts';
import { type Answers, parseArping, parseNdisc } from '../parse/vip-census.ts';
import type { CensusQuestion, RootCommand } from '../privileges/index.ts';
import { asRoot } from './becoming-root.ts';
import { type Collector, firstLine, Unanswered } from './collector.ts';
import type { FactQuestions } from './questions.ts';

/** Begins one answer: number of the question, exit code of the tool. */
const mark = '@asked';

/** Exit codes of the shell's function `root` and of shells for a program that is not there. */
const absent = 127;

interface Asked {
  readonly question: CensusQuestion;
  readonly exitCode: number;
  readonly output: string;
}

/**
 * How long answers are waited for at first: a host of the segment answers within milliseconds, but one with proxy_arp at some
 * time in the first 0.8 s, for each question anew (proxy_delay of arp(7), net/ipv4/arp.c). Half a second of five askers misses it
 * once in 135 times, 0.3 s of ten once in 110, of twenty once in 12,000.
 */
const soonS = (askers: number): number => (askers < 10 ? 0.5 : 0.3);

/**
 * arping waits a second, whoever answers, so all are asked at once and next to everything else, and where somebody has
 * answered it is ended after half of that, or a third. Where nobody has, it is asked again and waited for: silence is a finding, except
 * for a director, which is asked by nobody but itself while it has the VIP. Where timeout(1) is absent or takes whole seconds
 * only (busybox), and for ndisc6, there is just the long question. A job in the background ignores SIGINT unless it says
 * otherwise, and both arpings do. The host's own address is always named as the source: arping refuses to ask with one that
 * the host does not have (bind).
 */
export const vipCensus: Collector<'vipCensus'> = {
  fact: 'vipCensus',
  needsRoot: true,
  command: ({ census = [] }) => census.map(({ command }) => command.argv.join(' ')).join('; '),
  beside: ({ census = [] }) => {
    if (census.length === 0) return '';
    const calls = census.map(
      ({ command, askers }, index) => `ask ${index} ${soonS(askers)} ${enough(command)} ${asRoot(command)}`,
    );
    return String.raw`ask() {
i=$1 s=$2 e=$3; shift 3; o=
if [ "$e" != '' ] && has timeout; then W="timeout -s INT $s"; o=$("$@" 2>&1); c=$?; W=; fi
case $o in *"$e"*) [ "$e" != '' ] ;; *) false ;; esac || { o=$("$@" 2>&1); c=$?; }
printf '${mark} %s %s\n%.3900s\n' "$i" $c "$o"
}
${calls.length === 1 ? calls.join('') : `${calls.map((call) => `${call} &`).join('\n')}\nwait`}`;
  },
  // What sudo refused is looked for on standard error.
  script: ({ census = [] }, descriptor) =>
    census.length === 0
      ? ''
      : String.raw`while read -r l; do printf '%s\n' "$l"; printf '%s\n' "$l" >&2; done <&${descriptor}`,
  parse: (section, questions): VipCensus => {
    const asked = askedOf(section.stdout, questions);
    const answered = asked.map((each) => ({ ...each, answers: answersOf(each) }));
    const [failed] = answered.filter(({ answers }) => answers === undefined);
    if (failed !== undefined && answered.every(({ answers }) => answers === undefined)) {
      const [tool = ''] = failed.question.command.argv;
      if (failed.exitCode === absent)
        throw new Unanswered(
          'tool-absent',
          `${section.host}: ${tool} is not installed`,
          `Install ${packages[tool] ?? tool}.`,
        );
      const said = firstLine(failed.output) ?? `exit code ${failed.exitCode}`;
      throw new Unanswered(
        'command-failed',
        `${section.host}: who answers for ${failed.question.vip} could not be asked: ${said}`,
        tool === 'arping' ? 'It takes the arping of iputils or busybox; another one has other options.' : undefined,
      );
    }
    return {
      questions: answered.flatMap(({ question: { vip, interface: name, source }, answers }) =>
        answers === undefined ? [] : [{ vip, interface: name, source, answers }],
      ),
    };
  },
  show: ({ stdout }) => {
    const text = stdout.replaceAll(new RegExp(`^${mark} .*\\n?`, 'gm'), '').trim();
    return text === ''
      ? 'not asked: the cluster file names no interface of this host with an address towards a VIP'
      : text;
  },
};

/** What the short question has to say for the long one not to be asked; nothing where there is no short one. */
function enough({ argv: [tool], roles }: RootCommand): string {
  if (tool !== 'arping') return "''";
  return roles.includes('director') ? "'Sent '" : "' reply from '";
}

const packages: Readonly<Record<string, string>> = {
  arping: 'iputils-arping (Debian) or iputils (RHEL)',
  ndisc6: 'ndisc6',
};

function askedOf(text: string, { census = [] }: FactQuestions): readonly Asked[] {
  const parts = text.split(new RegExp(`^${mark} (\\d+) (\\d+)\\n`, 'm')).slice(1);
  return census.map((question, index) => {
    const at = parts.findIndex((part, place) => place % 3 === 0 && part === String(index));
    return { question, exitCode: Number(at < 0 ? -1 : parts[at + 1]), output: at < 0 ? '' : (parts[at + 2] ?? '') };
  });
}

function answersOf({ question: { command }, output }: Asked): Answers {
  return command.argv[0] === 'ndisc6' ? parseNdisc(output) : parseArping(output);
}
