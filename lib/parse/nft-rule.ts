/** One rule of `nft -j list ruleset`: statements in order, conditions first (libnftables-json(5), STATEMENTS). */
import type { FirewallVerdict } from '../model/facts.ts';
import { asObjects, isObject, type JsonObject, numberAt, stringAt } from './json.ts';
import { nftText } from './nft-text.ts';
import { type ChainAction, type ChainRule, conjunction, type RuleMatch } from './rule-chains.ts';

/** Elements of a named set or map of the rule's table. */
export type SetLookup = (name: string) => unknown;

/** Statements that neither match nor end the rule. */
const passing = new Set(['counter', 'log', 'mangle', 'notrack', 'comment', 'ct helper', 'set', 'meter', 'flow', 'dup']);
const transports = new Set(['tcp', 'udp', 'sctp', 'icmp', 'dccp', 'udplite', 'esp', 'ah']);
/** More alternatives than this are one condition that is not understood. */
const mostAlternatives = 256;

/** Usually one rule; a verdict map is one for each of its elements. */
export function parseNftRule(rule: JsonObject, lookup: SetLookup): readonly ChainRule[] {
  let matches: readonly RuleMatch[] = [{}];
  let understood = true;
  let packets: number | undefined;
  let action: ChainAction = { kind: 'none' };
  const branches: ChainRule[] = [];
  const text = nftText(rule);
  const add = (alternatives: readonly RuleMatch[] | undefined): void => {
    if (alternatives === undefined || matches.length * alternatives.length > mostAlternatives) understood = false;
    else matches = matches.flatMap((a) => alternatives.flatMap((b) => conjunction(a, b) ?? []));
  };
  for (const statement of asObjects(rule['expr']) ?? []) {
    const [kind = '', body] = Object.entries(statement)[0] ?? [];
    const end = actionOf(kind, body);
    if (end !== undefined) action = end;
    else if (kind === 'match' && isObject(body)) {
      const alternatives = alternativesOf(body, lookup);
      add(alternatives ?? impliedBy(body['left']));
      understood &&= alternatives !== undefined;
    } else if (kind === 'counter' && isObject(body)) packets = numberAt(body, 'packets');
    else if (kind === 'vmap' && isObject(body))
      branches.push(...branchesOf(body, lookup, { matches, understood, text }));
    else if (kind === 'queue') {
      // What a program behind the queue decides is not known: counted as a drop, and as not understood.
      action = { kind: 'verdict', verdict: 'drop' };
      understood = false;
    } else if (!passing.has(kind)) understood = false;
  }
  const counted = packets === undefined ? {} : { packets };
  return [...branches, { matches, understood, action, text, ...counted }];
}

function actionOf(kind: string, body: unknown): ChainAction | undefined {
  switch (kind) {
    case 'accept':
    case 'drop':
    case 'reject':
      return { kind: 'verdict', verdict: kind satisfies FirewallVerdict };
    case 'return':
      return { kind: 'return' };
    case 'continue':
      return { kind: 'none' };
    case 'jump':
    case 'goto': {
      const target = isObject(body) ? stringAt(body, 'target') : undefined;
      return target === undefined ? undefined : { kind, target };
    }
    case 'xt': {
      const name = isObject(body) && stringAt(body, 'type') === 'target' ? stringAt(body, 'name') : undefined;
      return name === 'REJECT' ? { kind: 'verdict', verdict: 'reject' } : undefined;
    }
    default:
      return undefined;
  }
}

/** What a condition on a header field says by its header alone, whatever it wants of the field. */
function impliedBy(left: unknown): readonly RuleMatch[] {
  if (!isObject(left)) return [{}];
  const { payload, '&': masked } = left;
  if (Array.isArray(masked)) return impliedBy(masked[0]);
  const protocol = isObject(payload) ? stringAt(payload, 'protocol') : undefined;
  if (protocol === 'ip6' || protocol === 'icmpv6') return [];
  return protocol !== undefined && transports.has(protocol) ? [{ protocol }] : [{}];
}

/** Every way the condition can hold; undefined when it is not one the model has a word for. */
function alternativesOf(match: JsonObject, lookup: SetLookup): readonly RuleMatch[] | undefined {
  const operator = stringAt(match, 'op') ?? '==';
  const left = match['left'];
  if (operator !== '==' && operator !== 'in') return undefined;
  const values = valuesOf(match['right'], lookup);
  return values === undefined ? undefined : keyMatches(left, values);
}

/** `undefined` in place of a list of values: a set that is not there, or a named one of another kind. */
function valuesOf(right: unknown, lookup: SetLookup): readonly unknown[] | undefined {
  if (typeof right === 'string' && right.startsWith('@')) return elements(lookup(right.slice(1)));
  if (Array.isArray(right)) return right as readonly unknown[];
  if (isObject(right) && 'set' in right) {
    const set = right['set'];
    return typeof set === 'string' && set.startsWith('@') ? elements(lookup(set.slice(1))) : elements(set);
  }
  return [right];
}

function elements(set: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(set)) return set === undefined ? undefined : [set];
  return set.map((element: unknown) =>
    isObject(element) && isObject(element['elem']) ? element['elem']['val'] : element,
  );
}

function keyMatches(left: unknown, values: readonly unknown[]): readonly RuleMatch[] | undefined {
  if (!isObject(left)) return undefined;
  const { payload, meta, ct } = left;
  if (isObject(payload)) return payloadMatches(stringAt(payload, 'protocol'), stringAt(payload, 'field'), values);
  if (isObject(ct) && ct['key'] === 'state') return allStrings(values, (states) => [{ states }]);
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
      return values.some((value) => value === 'ipv4' || value === 'ip') ? [{}] : [];
    default:
      return undefined;
  }
}

function payloadMatches(
  protocol: string | undefined,
  field: string | undefined,
  values: readonly unknown[],
): readonly RuleMatch[] | undefined {
  if (protocol === 'ip6') return [];
  if (protocol === 'ip' && field === 'protocol') return protocols(values);
  if (protocol === 'ip' && (field === 'saddr' || field === 'daddr')) {
    const prefixes = values.map(prefixOf);
    if (!prefixes.every((prefix) => prefix !== undefined)) return undefined;
    return prefixes.map((prefix) => (field === 'saddr' ? { source: prefix } : { destination: prefix }));
  }
  if (field !== 'sport' && field !== 'dport') return undefined;
  const ports = values.map(portsOf);
  if (!ports.every((range) => range !== undefined)) return undefined;
  const byPort = field === 'sport' ? { sourcePorts: ports } : { destinationPorts: ports };
  return [protocol === undefined || protocol === 'th' ? byPort : { protocol, ...byPort }];
}

function branchesOf(
  vmap: JsonObject,
  lookup: SetLookup,
  before: Pick<ChainRule, 'matches' | 'understood' | 'text'>,
): readonly ChainRule[] {
  const pairs = valuesOf(vmap['data'], lookup) ?? [];
  return pairs.slice(0, mostAlternatives).flatMap((pair): readonly ChainRule[] => {
    if (!Array.isArray(pair)) return [];
    const [element, verdict] = pair as readonly unknown[];
    const [kind = '', body] = isObject(verdict) ? (Object.entries(verdict)[0] ?? []) : [];
    const action = actionOf(kind, body);
    if (action === undefined) return [];
    const values = elements([element]) ?? [];
    const alternatives = keyMatches(vmap['key'], values);
    return [
      {
        ...before,
        matches:
          alternatives === undefined
            ? before.matches
            : before.matches.flatMap((a) => alternatives.flatMap((b) => conjunction(a, b) ?? [])),
        understood: before.understood && alternatives !== undefined,
        action,
      },
    ];
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
  return values.every((value) => typeof value === 'string') ? make(values) : undefined;
}

function prefixOf(value: unknown): string | undefined {
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
