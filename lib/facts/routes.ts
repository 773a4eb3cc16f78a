import type { RouteDecision } from '../model/facts.ts';
import { parseRouteBatch, parseRouteText, routeGetArguments } from '../parse/ip-route.ts';
import { ParseError } from '../parse/parse-error.ts';
import { quoteArgv } from '../ssh/quote.ts';
import { type Collector, requireSuccess } from './collector.ts';
import type { FactQuestions } from './questions.ts';

/** Begins the answers of an `ip` without JSON; each is closed by `@EXIT CODE`. */
const oneByOne = '@one-by-one';

export const routes: Collector<'routes'> = {
  fact: 'routes',
  needsRoot: false,
  tool: { name: 'ip', packages: 'iproute2 (Debian) or iproute (RHEL)' },
  command: ({ routesTo }) => routesTo.map((question) => `ip -j ${routeGetArguments(question)}`).join('; '),
  script: ({ routesTo }) => {
    if (routesTo.length === 0) return '';
    const batch = routesTo.map((question) => `${routeGetArguments(question)}\n`).join('');
    const each = routesTo.map(
      (question) => `${quoteArgv(['ip', '-o', ...routeGetArguments(question).split(' ')])} 2>&1; printf '@%s\\n' $?`,
    );
    // With -force, exit code 1 says that some questions were answered with an error, which is an answer. An ip that
    // does not know the options exits with 255 (iproute2) or prints its usage and nothing on standard output (busybox).
    return `if has ip; then ip -j -force -batch - <<'END'
${batch}END
c=$?
if [ $c != 0 ] && { [ $c = 255 ] || ! ip -V >/dev/null 2>&1; }; then
printf '${oneByOne}\\n'
${each.join('\n')}
fi
[ $c -le 1 ] || [ $c = 255 ]
else ip; fi`;
  },
  parse: (section, { routesTo }) => {
    if (routesTo.length === 0) return [];
    requireSuccess(section, 'ip route get');
    const at = section.stdout.indexOf(`${oneByOne}\n`);
    if (at < 0) return parseRouteBatch(section.stdout, section.stderr, routesTo);
    return parseOneByOne(section.stdout.slice(at + oneByOne.length + 1), routesTo);
  },
};

function parseOneByOne(text: string, questions: FactQuestions['routesTo']): readonly RouteDecision[] {
  const answers = [...`${text}\n`.matchAll(/([\s\S]*?)^@(\d+)\n/gm)];
  return questions.map((question, index) => {
    const [, output, code] = answers[index] ?? [];
    if (output === undefined || code === undefined) throw new ParseError('ip route get', text);
    return parseRouteText(output.trim(), output.trim(), Number(code), question);
  });
}
