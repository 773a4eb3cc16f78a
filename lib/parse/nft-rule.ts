/** One rule of `nft -j list ruleset`: statements in order, conditions first (libnftables-json(5), STATEMENTS). */
import type { FirewallVerdict } from '../model/facts.ts';
import { asObjects, isObject, type JsonObject, numberAt, stringAt } from './json.ts';
import { alternativesOf, elements, impliedBy, keyMatches, mostAlternatives, valuesOf } from './nft-condition.ts';
import type { SetLookup } from './nft-condition.ts';
import { nftText } from './nft-text.ts';
import type { ChainAction, ChainEffect, ChainRule } from './rule-chains.ts';
import { both, type RuleMatch } from './rule-match.ts';

export type { SetLookup } from './nft-condition.ts';

/** Statements that neither match nor end the rule. */
const passing = new Set(['counter', 'log', 'mangle', 'notrack', 'comment', 'ct helper', 'set', 'meter', 'flow', 'dup']);

/** Usually one rule; a verdict map is one for each of its elements. */
export function parseNftRule(rule: JsonObject, lookup: SetLookup): readonly ChainRule[] {
  let matches: readonly RuleMatch[] = [{}];
  let understood = true;
  let packets: number | undefined;
  let action: ChainAction = { kind: 'none' };
  const effects: ChainEffect[] = [];
  const branches: ChainRule[] = [];
  const text = nftText(rule);
  const add = (alternatives: readonly RuleMatch[] | undefined): void => {
    if (alternatives === undefined || matches.length * alternatives.length > mostAlternatives) understood = false;
    else matches = both(matches, alternatives);
  };
  for (const statement of asObjects(rule['expr']) ?? []) {
    const [kind = '', body] = Object.entries(statement)[0] ?? [];
    const looked = isObject(body) && isObject(body['addr']) ? body['addr']['map'] : undefined;
    const end = actionOf(kind, body);
    if (end?.kind === 'translate' && isObject(looked)) {
      // `dnat to tcp dport map { 80 : 10.0.0.3 }`: what is not in the map goes on to the next rule.
      branches.push(...mappedTranslations(looked, end, lookup, { matches, understood, text }));
    } else if (end !== undefined) {
      // `tproxy … accept`: what was done to the packet is more than that it was let through.
      if (action.kind !== 'translate') action = end;
    } else if (kind === 'match' && isObject(body)) {
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
    } else if (kind === 'notrack') effects.push({ kind: 'untracked' });
    else if (kind === 'mangle' && isObject(body)) effects.push(...effectsOf(body, lookup));
    else if (!passing.has(kind)) understood = false;
  }
  const counted = packets === undefined ? {} : { packets };
  const done = effects.length === 0 ? {} : { effects };
  return [...branches, { matches, understood, action, text, ...counted, ...done }];
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
    case 'dnat':
    case 'snat':
    case 'redirect':
    case 'masquerade':
    case 'tproxy': {
      const to = isObject(body) ? newAddress(body) : undefined;
      return { kind: 'translate', as: kind, ...(to === undefined ? {} : { to }) };
    }
    case 'xt': {
      const name = isObject(body) && stringAt(body, 'type') === 'target' ? stringAt(body, 'name') : undefined;
      return name === 'REJECT' ? { kind: 'verdict', verdict: 'reject' } : undefined;
    }
    default:
      return undefined;
  }
}

/** `10.0.0.1:8080`, `[fd00::1]:80`, `8080`; undefined where it is looked up in a map. */
function newAddress(body: JsonObject): string | undefined {
  const address = stringAt(body, 'addr');
  const port = numberAt(body, 'port');
  if (address === undefined) return port === undefined ? undefined : String(port);
  const shown = port !== undefined && address.includes(':') ? `[${address}]` : address;
  return port === undefined ? shown : `${shown}:${port}`;
}

const wholeMark = 0xffffffff;

/** `meta mark set …`, `ct mark set …` and `tcp option maxseg size set …`; nothing for other fields, and for marks taken from elsewhere. */
function effectsOf(mangle: JsonObject, lookup: SetLookup): readonly ChainEffect[] {
  const { key, value } = mangle;
  if (!isObject(key)) return [];
  const { meta, ct, 'tcp option': option } = key;
  if (isObject(option) && option['name'] === 'maxseg') {
    return [{ kind: 'mss', ...(typeof value === 'number' ? { mss: value } : {}) }];
  }
  if (isMark(ct)) {
    if (isObject(value) && isMark(value['meta'])) return [{ kind: 'mark', mark: 0, via: 'save' }];
    return marksOf(value, lookup).map((effect) => (effect.kind === 'mark' ? { ...effect, via: 'connection' } : effect));
  }
  if (!isMark(meta)) return [];
  if (isObject(value) && isMark(value['ct'])) return [{ kind: 'mark', mark: 0, via: 'restore' }];
  return marksOf(value, lookup);
}

const isMark = (expression: unknown): boolean => isObject(expression) && expression['key'] === 'mark';

function marksOf(value: unknown, lookup: SetLookup): readonly ChainEffect[] {
  if (typeof value === 'number') return [{ kind: 'mark', mark: value }];
  if (!isObject(value)) return [];
  const { '|': or, '&': and, '^': xor, map } = value;
  if (isObject(map)) return mappedMarks(map, lookup);
  const operands: unknown = or ?? xor;
  const [left, bits] = Array.isArray(operands) ? (operands as readonly unknown[]) : [];
  if (typeof bits === 'number' && isObject(left)) {
    // `mark & KEPT | BITS` writes all bits that are not kept.
    const kept: unknown = Array.isArray(left['&']) ? left['&'][1] : wholeMark;
    const mask = typeof kept === 'number' ? ((~kept >>> 0) | bits) >>> 0 : wholeMark;
    return [{ kind: 'mark', mark: bits, mask }];
  }
  const kept: unknown = Array.isArray(and) ? and[1] : undefined;
  return typeof kept === 'number' ? [{ kind: 'mark', mark: 0, mask: ~kept >>> 0 }] : [];
}

/** `meta mark set tcp dport map { 80 : 1 }`: each key its own mark. */
function mappedMarks(map: JsonObject, lookup: SetLookup): readonly ChainEffect[] {
  const pairs = valuesOf(map['data'], lookup) ?? [];
  return pairs.slice(0, mostAlternatives).flatMap((pair): readonly ChainEffect[] => {
    if (!Array.isArray(pair)) return [];
    const [element, mark] = pair as readonly unknown[];
    const matches = keyMatches(map['key'], elements([element]) ?? []);
    return typeof mark === 'number' && matches !== undefined ? [{ kind: 'mark', mark, matches }] : [];
  });
}

function mappedTranslations(
  map: JsonObject,
  { as }: Extract<ChainAction, { kind: 'translate' }>,
  lookup: SetLookup,
  before: Pick<ChainRule, 'matches' | 'understood' | 'text'>,
): readonly ChainRule[] {
  return (valuesOf(map['data'], lookup) ?? []).slice(0, mostAlternatives).flatMap((pair): readonly ChainRule[] => {
    if (!Array.isArray(pair)) return [];
    const [element, to] = pair as readonly unknown[];
    const keys = keyMatches(map['key'], elements([element]) ?? []);
    return [
      {
        ...before,
        matches: keys === undefined ? before.matches : both(before.matches, keys),
        understood: before.understood && keys !== undefined,
        action: { kind: 'translate', as, ...(typeof to === 'string' ? { to } : {}) },
      },
    ];
  });
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
        matches: alternatives === undefined ? before.matches : both(before.matches, alternatives),
        understood: before.understood && alternatives !== undefined,
        action,
      },
    ];
  });
}
