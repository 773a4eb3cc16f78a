/** What a condition of `nft -j list ruleset` asks of a packet: libnftables-json(5), EXPRESSIONS. */
import { icmpCodesOf, icmpTypesOf } from './icmp-types.ts';
import { isObject, type JsonObject, numberAt, stringAt } from './json.ts';
import { both, type RuleMatch } from './rule-match.ts';

/** Elements of a named set or map of the rule's table. */
export type SetLookup = (name: string) => unknown;

const transports = new Set(['tcp', 'udp', 'sctp', 'icmp', 'icmpv6', 'dccp', 'udplite', 'esp', 'ah']);
/** More alternatives than this are one condition that is not understood. */
export const mostAlternatives = 256;

/** Every way the condition can hold; undefined when it is not one the model has a word for. */
export function alternativesOf(match: JsonObject, lookup: SetLookup): readonly RuleMatch[] | undefined {
  const operator = stringAt(match, 'op') ?? '==';
  const left = match['left'];
  const values = valuesOf(match['right'], lookup);
  if (values === undefined || values.length > mostAlternatives) return undefined;
  const plain = tcpFlagMatches(left, values, operator) ?? keyMatches(left, values);
  if (plain === undefined) return undefined;
  if (operator === '==' || operator === 'in') return plain;
  // The negation holds for what has such a field at all: `tcp dport != 80` is no rule about UDP.
  return operator === '!=' ? both(impliedBy(left), [plain.length === 0 ? {} : { not: plain }]) : undefined;
}

/** What a condition on a header field says by its header alone, whatever it wants of the field. */
export function impliedBy(left: unknown): readonly RuleMatch[] {
  if (!isObject(left)) return [{}];
  const { payload, '&': masked, 'tcp option': option, exthdr, concat } = left;
  if (Array.isArray(masked)) return impliedBy(masked[0]);
  if (Array.isArray(concat)) return concat.map(impliedBy).reduce(both, [{}]);
  if (option !== undefined) return [{ protocol: 'tcp' }];
  // Extension headers of IPv6, which packets of a service do not carry.
  if (exthdr !== undefined) return [];
  const protocol = isObject(payload) ? stringAt(payload, 'protocol') : undefined;
  if (protocol === 'ip') return [{ family: 'ipv4' }];
  if (protocol === 'ip6') return [{ family: 'ipv6' }];
  return protocol !== undefined && transports.has(protocol) ? [{ protocol }] : [{}];
}

/** `undefined` in place of a list of values: a set that is not there, or a named one of another kind. */
export function valuesOf(right: unknown, lookup: SetLookup): readonly unknown[] | undefined {
  if (typeof right === 'string' && right.startsWith('@')) return elements(lookup(right.slice(1)));
  if (Array.isArray(right)) return right as readonly unknown[];
  if (isObject(right) && 'set' in right) {
    const set = right['set'];
    return typeof set === 'string' && set.startsWith('@') ? elements(lookup(set.slice(1))) : elements(set);
  }
  return [right];
}

export function elements(set: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(set)) return set === undefined ? undefined : [set];
  return set.map((element: unknown) =>
    isObject(element) && isObject(element['elem']) ? element['elem']['val'] : element,
  );
}

export function keyMatches(left: unknown, values: readonly unknown[]): readonly RuleMatch[] | undefined {
  if (!isObject(left)) return undefined;
  const { payload, meta, ct, fib, concat, exthdr } = left;
  if (Array.isArray(concat)) return concatMatches(concat, values);
  if (exthdr !== undefined) return [];
  if (isObject(payload)) return payloadMatches(stringAt(payload, 'protocol'), stringAt(payload, 'field'), values);
  if (isObject(ct) && ct['key'] === 'state') return allStrings(values, (states) => [{ states }]);
  if (isObject(ct) && ct['key'] === 'status') return allStrings(values, (statuses) => [{ statuses }]);
  if (isObject(fib)) return fibMatches(fib, values);
  if (!isObject(meta)) return undefined;
  switch (meta['key']) {
    case 'iifname':
    case 'iif':
      return allStrings(values, (names) => names.map((inInterface) => ({ inInterface })));
    case 'oifname':
    case 'oif':
      return allStrings(values, (names) => names.map((outInterface) => ({ outInterface })));
    case 'l4proto':
      return protocols(values);
    case 'nfproto':
    case 'protocol':
      return families(values);
    case 'pkttype':
      return allStrings(values, (types) => [
        { destinationTypes: types.flatMap((type) => (/^(host|unicast)$/.test(type) ? ['unicast', 'local'] : [type])) },
      ]);
    default:
      return undefined;
  }
}

/** `ip saddr . tcp dport`: each value has a part for each key. */
function concatMatches(keys: readonly unknown[], values: readonly unknown[]): readonly RuleMatch[] | undefined {
  const found: RuleMatch[] = [];
  for (const value of values) {
    const parts: unknown = isObject(value) ? value['concat'] : undefined;
    if (!Array.isArray(parts) || parts.length !== keys.length) return undefined;
    let matches: readonly RuleMatch[] = [{}];
    for (const [index, key] of keys.entries()) {
      const alternatives = keyMatches(key, valuesOf(parts[index], () => undefined) ?? []);
      if (alternatives === undefined) return undefined;
      matches = both(matches, alternatives);
    }
    found.push(...matches);
  }
  return found;
}

function payloadMatches(
  protocol: string | undefined,
  field: string | undefined,
  values: readonly unknown[],
): readonly RuleMatch[] | undefined {
  const family = protocol === 'ip' ? 'ipv4' : protocol === 'ip6' ? 'ipv6' : undefined;
  if (family !== undefined && (field === 'protocol' || field === 'nexthdr')) {
    return protocols(values)?.map((match) => ({ family, ...match }));
  }
  if (family !== undefined && (field === 'saddr' || field === 'daddr')) {
    const prefixes = values.map(prefixOf);
    if (!prefixes.every((prefix) => prefix !== undefined)) return undefined;
    return prefixes.map((prefix) => (field === 'saddr' ? { family, source: prefix } : { family, destination: prefix }));
  }
  if ((protocol === 'icmp' || protocol === 'icmpv6') && field === 'type') {
    const types = values.map((value) => icmpTypesOf(String(value), protocol)?.[0]);
    return types.every((type) => type !== undefined) ? [{ protocol, icmpTypes: types }] : undefined;
  }
  if ((protocol === 'icmp' || protocol === 'icmpv6') && field === 'code') {
    const codes = values.map((value) => icmpCodesOf(String(value), protocol));
    return codes.every((code) => code !== undefined) ? [{ protocol, icmpTypes: codes.flat() }] : undefined;
  }
  if (field !== 'sport' && field !== 'dport') return undefined;
  const ports = values.map(portsOf);
  if (!ports.every((range) => range !== undefined)) return undefined;
  const byPort = field === 'sport' ? { sourcePorts: ports } : { destinationPorts: ports };
  return [protocol === undefined || protocol === 'th' ? byPort : { protocol, ...byPort }];
}

/** `tcp flags & (fin | syn | rst | ack) == syn`, `tcp flags syn`. */
function tcpFlagMatches(left: unknown, values: readonly unknown[], operator: string): readonly RuleMatch[] | undefined {
  if (!isObject(left)) return undefined;
  const { '&': masked } = left;
  const isFlags = (value: unknown): boolean =>
    isObject(value) &&
    isObject(value['payload']) &&
    value['payload']['protocol'] === 'tcp' &&
    value['payload']['field'] === 'flags';
  if (Array.isArray(masked) && isFlags(masked[0])) {
    const mask = wordsOf(masked[1]);
    const set = values.length === 1 && values[0] === 0 ? [] : wordsOf(values);
    return mask === undefined || set === undefined ? undefined : [{ protocol: 'tcp', tcpFlags: { mask, set } }];
  }
  if (!isFlags(left)) return undefined;
  const set = wordsOf(values);
  // Without a mask `tcp flags syn` holds where the flag is among those set (nft(8), bitmask types).
  return set === undefined || operator === '=='
    ? undefined
    : set.map((flag) => ({ protocol: 'tcp', tcpFlags: { mask: [flag], set: [flag] } }));
}

/** `syn`, a list, or `{"|": […]}`. */
function wordsOf(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  const list: unknown = isObject(value) ? value['|'] : value;
  if (!Array.isArray(list)) return undefined;
  const words: string[] = [];
  for (const part of list as readonly unknown[]) {
    const more = wordsOf(part);
    if (more === undefined) return undefined;
    words.push(...more);
  }
  return words;
}

/** `fib daddr type local`, `fib saddr . iif oif missing`. */
function fibMatches(fib: JsonObject, values: readonly unknown[]): readonly RuleMatch[] | undefined {
  const flags: unknown = fib['flags'];
  const reverse = Array.isArray(flags) && flags.includes('saddr') && flags.includes('iif') && fib['result'] === 'oif';
  if (reverse && values.length === 1) return values[0] === false ? [{ reversePath: 'missing' }] : undefined;
  const destination = Array.isArray(flags) ? flags.length === 1 && flags[0] === 'daddr' : flags === 'daddr';
  if (fib['result'] !== 'type' || !destination) return undefined;
  return allStrings(values, (destinationTypes) => [{ destinationTypes }]);
}

function families(values: readonly unknown[]): readonly RuleMatch[] {
  return values.flatMap((value): readonly RuleMatch[] => {
    if (value === 'ipv4' || value === 'ip') return [{ family: 'ipv4' }];
    return value === 'ipv6' || value === 'ip6' ? [{ family: 'ipv6' }] : [];
  });
}

function protocols(values: readonly unknown[]): readonly RuleMatch[] | undefined {
  if (!values.every((value) => typeof value === 'string' || typeof value === 'number')) return undefined;
  return values.map((value) => ({ protocol: String(value) }));
}

function allStrings(
  values: readonly unknown[],
  make: (words: readonly string[]) => readonly RuleMatch[],
): readonly RuleMatch[] | undefined {
  const words: string[] = [];
  for (const value of values) {
    const more = wordsOf(value);
    if (more === undefined) return undefined;
    words.push(...more);
  }
  return make(words);
}

export function prefixOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const prefix = isObject(value) ? value['prefix'] : undefined;
  if (!isObject(prefix)) return undefined;
  const address = stringAt(prefix, 'addr');
  const length = numberAt(prefix, 'len');
  return address === undefined || length === undefined ? undefined : `${address}/${length}`;
}

function portsOf(value: unknown): readonly [number, number] | undefined {
  if (typeof value === 'number') return [value, value];
  const range = isObject(value) ? value['range'] : undefined;
  if (!Array.isArray(range)) return undefined;
  const [first, last] = range as readonly unknown[];
  return typeof first === 'number' && typeof last === 'number' ? [first, last] : undefined;
}
