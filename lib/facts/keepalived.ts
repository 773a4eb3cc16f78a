import { type Collector, requireSuccess } from './collector.ts';
import { requireStandsBy, standsBy } from './pair-questions.ts';

const runsMark = '@runs';

/** Its pid file is where the distribution has it: 2.2 by itself, RHEL by its unit. */
export const keepalived: Collector<'keepalived'> = {
  fact: 'keepalived',
  needsRoot: false,
  command: () => 'keepalived --version; pidof keepalived',
  script: (questions) =>
    !standsBy(questions)
      ? ''
      : `for f in /run/keepalived.pid /run/keepalived/keepalived.pid; do
p= x=
{ read -r p <"$f" && read -r x <"/proc/$p/comm"; } 2>/dev/null
if [ "$x" = keepalived ]; then printf '${runsMark}\\n'; break; fi
done
if has keepalived; then keepalived --version 2>&1; fi`,
  parse: (section, questions) => {
    requireStandsBy(section, questions);
    requireSuccess(section, 'keepalived --version');
    const version = /^Keepalived v(\S+)/m.exec(section.stdout)?.[1];
    return {
      ...(version === undefined ? {} : { version }),
      running: section.stdout.startsWith(`${runsMark}\n`),
    };
  },
  show: ({ stdout, stderr }) => {
    const [first = ''] = stdout.replace(`${runsMark}\n`, 'a process keepalived runs\n').split('\n\n');
    return `${first}\n${stderr}`;
  },
};
