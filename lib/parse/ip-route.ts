/** Route decisions from `ip -j route get` (iproute2). The kernel decides; nothing here reads routing tables. */
import type { RouteDecision } from '../model/facts.ts';
import { asObjects, type JsonObject, numberAt, parseJson, stringAt } from './json.ts';
import { ParseError } from './parse-error.ts';

const source = 'ip -j route get';

export interface RouteQuestion {
  readonly destination: string;
  readonly from?: string;
}

/** One line of an `ip -batch` file. */
export function routeGetArguments({ destination, from }: RouteQuestion): string {
  return `route get ${destination}${from === undefined ? '' : ` from ${from}`}`;
}

/** JSON of one `ip -j route get`. Throws ParseError. */
export function parseRouteJson(text: string, question: RouteQuestion): RouteDecision {
  const [route] = asObjects(parseJson(text, source)) ?? [];
  if (route === undefined) throw new ParseError(source, text);
  return decisionOf(question, route);
}

/** What the kernel said against a question. Throws ParseError for words that are none of its. */
export function parseRouteRefusal(words: string, question: RouteQuestion): RouteDecision {
  return { ...asked(question), outcome: outcomeOfRefusal(words) };
}

/**
 * A question `from` an address that the host does not have is refused by the kernel: ip_route_output_key_hash_rcu() says
 * EINVAL up to Linux 4.20 and ENETUNREACH since, as it does where there is no route. For IPv6 it answers as if the address were
 * there. `isLocal` is the kernel's own word on the source, by another question.
 */
export function withLocalSources(
  decisions: readonly RouteDecision[],
  isLocal: (source: string) => boolean,
): readonly RouteDecision[] {
  return decisions.map((decision): RouteDecision => {
    const { destination, from } = decision;
    return from === undefined || isLocal(from) ? decision : { destination, from, outcome: 'source-not-local' };
  });
}

/** Text of one `ip -o route get` that was answered, for an iproute2 without JSON and for busybox. */
export function parseRouteText(text: string, question: RouteQuestion): RouteDecision {
  const words = text.replaceAll('\\', ' ').split(/\s+/);
  const after = (word: string): string | undefined => {
    const at = words.indexOf(word);
    return at < 0 ? undefined : words[at + 1];
  };
  const type = words[0] ?? '';
  const kind = /^[0-9a-f]*[.:]/i.test(type) ? undefined : type;
  const device = after('dev');
  if (device === undefined) throw new ParseError('ip route get', text);
  return decisionOf(question, {
    ...(kind === undefined ? {} : { type: kind }),
    dev: device,
    gateway: after('via') === 'inet6' ? words[words.indexOf('via') + 2] : after('via'),
    prefsrc: after('src'),
    protocol: after('proto'),
    metrics: [{ ...metric('mtu', after), ...metric('advmss', after) }],
    cache: /<([^>]*)>/.exec(text)?.[1]?.split(',') ?? [],
  });
}

function metric(name: string, after: (word: string) => string | undefined): JsonObject {
  // `mtu lock 1400` where path MTU discovery may not change it.
  const word = after(name) === 'lock' ? after('lock') : after(name);
  return word === undefined ? {} : { [name]: Number(word) };
}

function decisionOf(question: RouteQuestion, route: JsonObject): RouteDecision {
  const via = route['via'];
  const gateway =
    stringAt(route, 'gateway') ??
    // A next hop of the other family (`via inet6 …`) is an object of its own.
    (typeof via === 'object' && via !== null && 'host' in via && typeof via.host === 'string' ? via.host : undefined);
  const device = stringAt(route, 'dev');
  const preferred = stringAt(route, 'prefsrc');
  const metrics = asObjects(route['metrics'])?.[0] ?? {};
  const mtu = numberAt(metrics, 'mtu');
  const advmss = numberAt(metrics, 'advmss');
  const cache = route['cache'];
  // IPv6 has a route of its own for what it learned (RTPROT_REDIRECT).
  const redirected =
    (Array.isArray(cache) && cache.includes('redirected')) || stringAt(route, 'protocol') === 'redirect';
  return {
    ...asked(question),
    outcome: outcomeOfType(stringAt(route, 'type')),
    ...(gateway === undefined ? {} : { gateway }),
    ...(device === undefined ? {} : { interface: device }),
    ...(preferred === undefined ? {} : { source: preferred }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(advmss === undefined ? {} : { advmss }),
    ...(redirected ? { redirected } : {}),
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
  // A kernel without IPv6 does not know the question.
  if (/Operation not supported|Address family not supported/.test(words)) return 'no-route';
  throw new ParseError('ip route get', words);
}

/** Standard error of `ip -force -batch`: line of the batch, from 1 → what was said against it. */
export function parseBatchFailures(stderr: string): ReadonlyMap<number, string> {
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
