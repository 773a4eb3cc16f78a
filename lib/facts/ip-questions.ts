/**
 * Everything a host is asked through `ip`, by one process: `ip -d -j -force -batch -` answers each line of its input
 * with one JSON list, or with words on standard error and `Command failed -:LINE`. An ip without JSON, such as
 * busybox's, is asked one question after the other.
 */
import { parseBatchFailures } from '../parse/ip-route.ts';

export interface IpQuestion {
  /** Words after `ip -d -j`, a line of its batch: `neigh`. Equal words are asked once. */
  readonly words: string;
  /** Shell command that asks an ip without JSON the same. Default: `ip -o` and the words. */
  readonly asText?: string;
}

/** What was said to one question. */
export interface IpAnswer {
  readonly words: string;
  /**
   * `json`: a list; `text`: lines of `ip -o`; `refused`: what ip or the kernel said against it; `unclear`: what ip said
   * to all questions, where that does not add up to an answer to each.
   */
  readonly kind: 'json' | 'text' | 'refused' | 'unclear';
  readonly output: string;
}

/** Begins the answers of an ip without JSON; each is closed by `@EXIT CODE`. */
const oneByOne = '@one-by-one';

/**
 * Leaves the answers in $I too, for collectors that go on from there. The exit code is 127 without ip, 0 where every
 * question was answered, 1 where some were refused, which is an answer as well.
 */
export function askIp(questions: readonly IpQuestion[]): string {
  const batch = questions.map(({ words }) => `${words}\n`).join('');
  const each = questions.map(({ words, asText = `ip -o ${words}` }) => `{ ${asText}; } 2>&1; printf '@%s\\n' $?`);
  // An ip that does not know the options exits with 255 (iproute2), or prints its usage and nothing on standard output
  // (busybox).
  return `I=; if has ip; then
I=$(ip -d -j -force -batch - <<'END'
${batch}END
); c=$?; printf '%s\\n' "$I"
if [ $c = 255 ] || { [ $c = 1 ] && [ -z "$I" ] && ! ip -V >/dev/null 2>&1; }; then
printf '${oneByOne}\\n'; I= c=0
${each.join('\n')}
fi
answered() { return $c; }; answered
else absent ip; fi`;
}

/** By the words of the question. Answers that were cut off are absent. */
export function ipAnswers(
  { text, cut }: { readonly text: string; readonly cut: boolean },
  stderr: string,
  questions: readonly IpQuestion[],
): ReadonlyMap<string, IpAnswer> {
  const at = text.indexOf(`${oneByOne}\n`);
  const found =
    at < 0 ? batchAnswers(text, cut, stderr, questions) : textAnswers(text.slice(at + oneByOne.length + 1), questions);
  return new Map(found.map((answer) => [answer.words, answer]));
}

function batchAnswers(
  text: string,
  cut: boolean,
  stderr: string,
  questions: readonly IpQuestion[],
): readonly IpAnswer[] {
  const failures = parseBatchFailures(stderr);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  // The last line may have lost its end.
  const whole = cut ? lines.slice(0, -1) : lines;
  if (!cut && whole.length + failures.size !== questions.length) {
    const output = `${text}\n${stderr}`.trim();
    return questions.map(({ words }) => ({ words, kind: 'unclear', output }));
  }
  let next = 0;
  return questions.flatMap(({ words }, index): readonly IpAnswer[] => {
    const refusal = failures.get(index + 1);
    if (refusal !== undefined) return [{ words, kind: 'refused', output: refusal }];
    const output = whole[next++];
    return output === undefined ? [] : [{ words, kind: 'json', output }];
  });
}

function textAnswers(text: string, questions: readonly IpQuestion[]): readonly IpAnswer[] {
  const answers = [...`${text}\n`.matchAll(/([\s\S]*?)^@(\d+)\n/gm)];
  return questions.flatMap(({ words }, index): readonly IpAnswer[] => {
    const [, output, code] = answers[index] ?? [];
    if (output === undefined || code === undefined) return [];
    return [{ words, kind: code === '0' ? 'text' : 'refused', output: output.trim() }];
  });
}

export const iproute2 = { name: 'ip', packages: 'iproute2 (Debian) or iproute (RHEL)' };

/** Links and their addresses; busybox knows no details. */
export const interfaces: IpQuestion = {
  words: 'addr',
  asText: '{ ip -o -d link 2>/dev/null || ip -o link; } && ip -o addr',
};

export const neighbourTable: IpQuestion = { words: 'neigh' };

/** What was answered about interfaces, one a line, with these keys of its JSON alone. */
export function interfaceLines(ip: ReadonlyMap<string, IpAnswer>, fields: readonly string[]): string {
  const answer = ip.get(interfaces.words);
  if (answer?.kind !== 'json') return answer?.output ?? '';
  try {
    const links: unknown = JSON.parse(answer.output);
    return Array.isArray(links) ? links.map((link) => JSON.stringify(link, [...fields])).join('\n') : answer.output;
  } catch {
    return answer.output;
  }
}
