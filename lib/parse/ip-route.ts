/** Route decisions from `ip -j route get` (iproute2). The kernel decides; nothing here reads routing tables. */
import type { RouteDecision } from '../model/facts.ts';
import { asObjects, type JsonObject, parseJson, stringAt } from './json.ts';
import { ParseError } from './parse-error.ts';

export interface RouteQuestion {
  readonly destination: string;
  readonly from?: string;
}

/** One line of an `ip -batch` file. */
export function routeGetArguments({ destination, from }: RouteQuestion): string {
  return `route get ${destination}${from === undefined ? '' : ` from ${from}`}`;
}

/**
 * Answers of `ip -j -force -batch -` fed with one `route get` a line. A question that was answered prints one JSON
 * list; one that failed prints nothing, and two lines on standard error: the kernel's words and `Command failed -:LINE`.
 * Throws ParseError when the two streams do not add up to one answer a question.
 */
export function parseRouteBatch(
  stdout: string,
  stderr: string,
  questions: readonly RouteQuestion[],
): readonly RouteDecision[] {
  const source = 'ip -j route get';
  const failures = parseBatchFailures(stderr);
  const answers = stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => asObjects(parseJson(line, source)) ?? badAnswer(source, line));
  if (answers.length + failures.size !== questions.length) {
    throw new ParseError(source, `${stdout}\n${stderr}`.trim());
  }
  let next = 0;
  return questions.map((question, index) => {
    const refusal = failures.get(index + 1);
    if (refusal !== undefined) return { ...asked(question), outcome: outcomeOfRefusal(refusal) };
    const route = answers[next++]?.[0];
    if (route === undefined) throw new ParseError(source, stdout);
    return decisionOf(question, route);
  });
}

/** Text of one `ip -o route get`, for an iproute2 without JSON and for busybox. `exitCode` tells an answer from a refusal. */
export function parseRouteText(
  stdout: string,
  stderr: string,
  exitCode: number,
  question: RouteQuestion,
): RouteDecision {
  if (exitCode !== 0) return { ...asked(question), outcome: outcomeOfRefusal(stderr) };
  const words = stdout.replaceAll('\\', ' ').split(/\s+/);
  const after = (word: string): string | undefined => {
    const at = words.indexOf(word);
    return at < 0 ? undefined : words[at + 1];
  };
  const type = words[0] ?? '';
  const kind = /^[0-9a-f]*[.:]/i.test(type) ? undefined : type;
  const device = after('dev');
  if (device === undefined) throw new ParseError('ip route get', stdout === '' ? stderr : stdout);
  return decisionOf(question, {
    ...(kind === undefined ? {} : { type: kind }),
    dev: device,
    gateway: after('via') === 'inet6' ? words[words.indexOf('via') + 2] : after('via'),
    prefsrc: after('src'),
  });
}

function decisionOf(question: RouteQuestion, route: JsonObject): RouteDecision {
  const via = route['via'];
  const gateway =
    stringAt(route, 'gateway') ??
    // A next hop of the other family (`via inet6 …`) is an object of its own.
    (typeof via === 'object' && via !== null && 'host' in via && typeof via.host === 'string' ? via.host : undefined);
  const device = stringAt(route, 'dev');
  const preferred = stringAt(route, 'prefsrc');
  return {
    ...asked(question),
    outcome: outcomeOfType(stringAt(route, 'type')),
    ...(gateway === undefined ? {} : { gateway }),
    ...(device === undefined ? {} : { interface: device }),
    ...(preferred === undefined ? {} : { source: preferred }),
  };
}

function asked({ destination, from }: RouteQuestion): { readonly destination: string; readonly from?: string } {
  return from === undefined ? { destination } : { destination, from };
}

function outcomeOfType(type: string | undefined): RouteDecision['outcome'] {
  switch (type) {
    case undefined:
    case 'unicast':
    case 'broadcast':
    case 'multicast':
    case 'anycast':
      return 'unicast';
    case 'local':
    case 'unreachable':
    case 'blackhole':
    case 'prohibit':
      return type;
    default:
      throw new ParseError('ip -j route get', `type ${type}`);
  }
}

/** net/ipv4/fib_semantics.c, fib_props: the error each route type answers with. */
function outcomeOfRefusal(words: string): RouteDecision['outcome'] {
  if (words.includes('No route to host')) return 'unreachable';
  if (words.includes('Permission denied')) return 'prohibit';
  if (words.includes('Invalid argument')) return 'blackhole';
  if (words.includes('Network is unreachable')) return 'no-route';
  throw new ParseError('ip route get', words);
}

/** Line of the batch file → what was said about it. */
function parseBatchFailures(stderr: string): ReadonlyMap<number, string> {
  const failures = new Map<number, string>();
  let said = '';
  for (const line of stderr.split('\n')) {
    const failed = /^Command failed -:(\d+)/.exec(line);
    if (failed === null) {
      said = `${said}\n${line}`;
    } else {
      failures.set(Number(failed[1]), said.trim());
      said = '';
    }
  }
  return failures;
}

function badAnswer(source: string, line: string): never {
  throw new ParseError(source, line);
}
