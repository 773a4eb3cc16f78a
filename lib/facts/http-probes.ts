import type { HttpProbe } from '../model/facts.ts';
import { parseCurl, parseWget } from '../parse/http-answer.ts';
import { quoteArgv } from '../ssh/quote.ts';
import { type Collector, Unanswered } from './collector.ts';

/** Begins one answer: number of the GET, tool, exit code, what curl's -w wrote. */
const mark = '@get';
/** Before what -w writes. */
const written = '@written ';
/** Fetched at the same time, each by a process of its own. */
const atATime = 32;
/** Read of one answer, head and page: an endless one must not fill the memory of the host that asks. */
const maxReadBytes = 128 << 10;
/** Exit code of curl(1) for an answer that is larger than was allowed; ours when it was cut off. */
const tooLarge = 63;
/** One answer must go out in one write, or the answers of others end up inside it: below PIPE_BUF, 4096. */
const maxAnswerChars = 3900;

/**
 * The GETs run side by side. curl is asked for its talk (-v) because it alone tells a refused connection from one
 * without a route; the page is cut, what the fact holds of it is short. Neither tool reads a configuration file, goes
 * through a proxy or follows a redirect: the GET goes where the cluster file says and nowhere else. busybox's wget cannot
 * be kept from following one, so it is not used. A page that holds our mark ends there, or it could speak for others.
 */
export const httpProbes: Collector<'httpProbes'> = {
  fact: 'httpProbes',
  needsRoot: false,
  tool: { name: 'curl', packages: 'curl' },
  command: ({ httpGets }) =>
    httpGets.map(({ url, timeoutMs }) => quoteArgv(['curl', '-sv', '-m', seconds(timeoutMs), url])).join('; '),
  // A real server that is silent would otherwise keep every fact that comes after waiting.
  beside: ({ httpGets }) => {
    if (httpGets.length === 0) return '';
    const calls = httpGets.map(({ url, hostHeader, timeoutMs }, index) => {
      const header = hostHeader === undefined ? [] : [`Host: ${hostHeader}`];
      return `get ${index} ${seconds(timeoutMs)} ${quoteArgv([url, ...header])}`;
    });
    const run = calls.length === 1 ? calls : calls.map((call, index) => `${call} &${pause(index)}`);
    return `get() { w=
if has curl; then k=curl
o=$({ curl -qsvg -m "$2" --noproxy '*' --proto =http --max-filesize 1048576 -w '\\n${written}%{http_code} %{time_connect}' ${headerOption('-H')} "$3"; printf ' %s' "$?"; } 2>&1 | head -c ${maxReadBytes})
else k=wget
o=$({ bounded "$2" wget --no-config --no-proxy -S -O - -t 1 -T "$2" --max-redirect=0 ${headerOption('--header')} "$3"; printf '\\n${written}%s' "$?"; } 2>&1 | head -c ${maxReadBytes})
fi
c=${tooLarge}
case $o in *'${written}'*) w=\${o##*'${written}'}; o=\${o%'${written}'*}; c=\${w##* }; w=\${w% *};; esac
case $c,$w in *[!0-9.,\\ ]*) c=${tooLarge}; w=;; esac
o=\${o%%'${mark} '*}
printf '\\n${mark} %s %s %s %s\\n%.${maxAnswerChars}s\\n' "$1" "$k" "$c" "$w" "$o"; }
if has curl || { has wget && case $(wget --help 2>&1) in *--no-config*) ;; *) false;; esac; }; then
${run.join('\n')}
${calls.length === 1 ? '' : 'wait'}
fi`;
  },
  script: ({ httpGets }, descriptor) =>
    httpGets.length === 0 ? '' : `o=$(cat <&${descriptor}); [ -n "$o" ] || absent curl && printf '%s\\n' "$o"`,
  parse: (section, { httpGets }) => {
    const answers = new Map(
      [...section.stdout.matchAll(answer)].map(([, index, tool, exitCode, wrote, output]) => [
        Number(index),
        { tool, exitCode: Number(exitCode), wrote: wrote ?? '', output: output ?? '' },
      ]),
    );
    return httpGets.map(({ url }, index): HttpProbe => {
      const found = answers.get(index);
      if (found === undefined)
        throw new Unanswered('command-failed', `${section.host}: the GET of ${url} left no answer`);
      const { tool, exitCode, wrote, output } = found;
      const parsed = tool === 'curl' ? parseCurl(output, wrote, exitCode) : parseWget(output, exitCode);
      return { url, from: section.host, ...parsed };
    });
  },
  show: ({ stdout, stderr }) => `${stdout.replaceAll(new RegExp(`^${mark} .*\\n`, 'gm'), '').trim()}\n${stderr}`.trim(),
};

const answer = new RegExp(`^${mark} (\\d+) (\\w+) (\\d+) (.*)\\n([^]*?)(?=\\n\\n${mark} \\d|\\n*$(?![^]))`, 'gm');

/** The fourth argument, where there is one, as the value of an option. */
function headerOption(option: string): string {
  return `\${4:+${option}} \${4:+"$4"}`;
}

function seconds(timeoutMs: number): string {
  return String(Math.max(1, Math.ceil(timeoutMs / 1000)));
}

function pause(index: number): string {
  return index % atATime === atATime - 1 ? '\nwait' : '';
}
