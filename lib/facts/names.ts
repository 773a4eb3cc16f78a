import type { NameLookup } from '../model/facts.ts';
import { type NameTool, parseNameLookup, withoutServer } from '../parse/name-lookup.ts';
import { quoteArgv } from '../ssh/quote.ts';
import { type Collector, firstLine, Unanswered } from './collector.ts';
import type { FactQuestions } from './questions.ts';

const mark = '@name';
/** Two tries of 2 s each are what most resolver set-ups answer within. */
const patienceS = 6;

/** `ask NAME SERVER`; $k is who answered. */
const askServer = `ask() { if has dig; then k=dig; bounded ${patienceS} dig "@$2" +short +time=2 +tries=2 "$1" A "$1" AAAA
elif has host; then k=host; bounded ${patienceS} host -W 2 "$1" "$2"
elif has nslookup; then k=nslookup; bounded ${patienceS} nslookup "$1" "$2"
elif has drill; then k=drill; bounded ${patienceS} drill "$1" "@$2" A; bounded ${patienceS} drill "$1" "@$2" AAAA
else n=; { while read -r a b x; do if [ "$a" = nameserver ]; then n="$n$b "; fi; done </etc/resolv.conf; } 2>/dev/null
if [ "$n" = "$2 " ]; then k=getent; bounded ${patienceS} getent -s dns ahosts "$1"; else k=none; fi
fi; }
`;

type Question = FactQuestions['names'][number];

/**
 * The host's own resolver answers through getent, /etc/hosts included. A named server is asked by whichever tool is
 * there; without any, getent's DNS service does where that server is the only one in resolv.conf.
 */
export const names: Collector<'names'> = {
  fact: 'names',
  needsRoot: false,
  tool: { name: 'getent', packages: 'libc-bin (Debian) or glibc-common (RHEL)' },
  command: (questions) => questions.names.map(commandOf).join('; '),
  script: (questions) =>
    questions.names.length === 0
      ? ''
      : `${questions.names.some(({ server }) => server !== undefined) ? askServer : ''}${questions.names.map(lookup).join('\n')}`,
  parse: (section, questions) => {
    const answers = [...section.stdout.matchAll(new RegExp(`([^]*?)^${mark} (\\d+) (\\w+) (\\d+)$\\n?`, 'gm'))];
    return questions.names.map(({ name, server }, index): NameLookup => {
      const [, output, , tool, exitCode] = answers[index] ?? [];
      if (output === undefined || tool === undefined) {
        throw new Unanswered('command-failed', `${section.host}: looking up ${name} left no answer`);
      }
      if (tool === 'none') {
        throw new Unanswered(
          'tool-absent',
          `${section.host}: nothing is installed to ask the name server ${server ?? ''} with`,
          'Install bind9-dnsutils (Debian) or bind-utils (RHEL).',
        );
      }
      if (exitCode === '124' || /timed out|no servers could be reached|connection refused/i.test(output)) {
        const said = firstLine(output.replaceAll(/^;;\s*/gm, '')) ?? `no answer within ${patienceS} s`;
        const whom = server ?? 'its resolver';
        throw new Unanswered('command-failed', `${section.host}: ${whom} did not answer for ${name}: ${said}`);
      }
      const kind = tool as NameTool;
      return { name, addresses: parseNameLookup(kind, kind === 'nslookup' ? withoutServer(output) : output) };
    });
  },
  show: ({ stdout, stderr }) => `${stdout.replaceAll(new RegExp(`^${mark} .*\\n?`, 'gm'), '')}${stderr}`,
};

function lookup({ name, server }: Question, index: number): string {
  const call =
    server === undefined
      ? `k=getent; bounded ${patienceS} ${quoteArgv(['getent', 'ahosts', name])}`
      : quoteArgv(['ask', name, server]);
  return `${call}\nc=$?; printf '${mark} ${index} %s %s\\n' "$k" $c`;
}

function commandOf({ name, server }: Question): string {
  return quoteArgv(
    server === undefined ? ['getent', 'ahosts', name] : ['dig', `@${server}`, '+short', name, 'A', name, 'AAAA'],
  );
}
