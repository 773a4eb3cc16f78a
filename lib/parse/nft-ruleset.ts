/** `nft -j list ruleset`: libnftables-json(5). */
import type { ArpRule, FirewallVerdict } from '../model/facts.ts';
import { arpRulesOfNft } from './nft-arp.ts';
import { asObjects, isObject, type JsonObject, numberAt, parseJson, stringAt } from './json.ts';
import { parseNftRule, type SetLookup } from './nft-rule.ts';
import { ParseError } from './parse-error.ts';
import { type BaseChain, type ChainRule, placeOf, type RuleTable } from './rule-chains.ts';

const source = 'nft -j list ruleset';
/** Families whose rules an IP packet meets, and which of the two it then is. */
const families = new Map<string, RuleTable['family']>([
  ['ip', 'ipv4'],
  ['ip6', 'ipv6'],
  ['inet', undefined],
  ['netdev', undefined],
]);

export interface NftRuleset {
  readonly tables: readonly RuleTable[];
  /** Of family arp, in order. */
  readonly arp: readonly ArpRule[];
}

/**
 * Tables that filter or translate. `except`: tables (`ip filter`, `arp filter`) that iptables-nft or arptables-nft made,
 * which nft shows with their conditions left out; iptables-save has them whole. Throws ParseError.
 */
export function parseNftRuleset(text: string, except: readonly string[] = []): NftRuleset {
  const root = parseJson(text, source);
  const entries = asObjects(isObject(root) ? root['nftables'] : undefined);
  if (entries === undefined) throw new ParseError(source, text);
  const ofTable = (entry: JsonObject): string => `${stringAt(entry, 'family') ?? ''} ${stringAt(entry, 'table') ?? ''}`;
  const wanted = (entry: JsonObject): boolean =>
    families.has(stringAt(entry, 'family') ?? '') && !except.includes(ofTable(entry));
  const sets = new Map<string, unknown>();
  const tables = new Map<string, { readonly bases: BaseChain[]; readonly chains: Map<string, ChainRule[]> }>();
  const tableOf = (entry: JsonObject): { bases: BaseChain[]; chains: Map<string, ChainRule[]> } => {
    const key = ofTable(entry);
    const table = tables.get(key) ?? { bases: [], chains: new Map<string, ChainRule[]>() };
    tables.set(key, table);
    return table;
  };
  for (const entry of entries) {
    const set = entry['set'] ?? entry['map'];
    if (isObject(set)) sets.set(setKey(set, stringAt(set, 'name') ?? ''), set['elem'] ?? []);
    const chain = entry['chain'];
    if (isObject(chain) && wanted(chain)) addChain(tableOf(chain), chain);
  }
  const lookupFor =
    (rule: JsonObject): SetLookup =>
    (name) =>
      sets.get(setKey(rule, name));
  for (const entry of entries) {
    const rule = entry['rule'];
    if (!isObject(rule) || !wanted(rule)) continue;
    const rules = tableOf(rule).chains.get(stringAt(rule, 'chain') ?? '');
    if (rules === undefined) throw new ParseError(source, JSON.stringify(rule));
    rules.push(...parseNftRule(rule, lookupFor(rule)));
  }
  const isArp = (entry: JsonObject): boolean => stringAt(entry, 'family') === 'arp' && !except.includes(ofTable(entry));
  return {
    tables: [...tables].map(([name, table]) => {
      const family = families.get(name.split(' ')[0] ?? '');
      return { engine: 'nftables', name, ...(family === undefined ? {} : { family }), ...table };
    }),
    arp: arpRulesOfNft(
      entries.flatMap(({ chain }) => (isObject(chain) && isArp(chain) ? [chain] : [])),
      entries.flatMap(({ rule }) => (isObject(rule) && isArp(rule) ? [{ rule, lookup: lookupFor(rule) }] : [])),
    ),
  };
}

function addChain(table: { bases: BaseChain[]; chains: Map<string, ChainRule[]> }, chain: JsonObject): void {
  const name = stringAt(chain, 'name');
  if (name === undefined) throw new ParseError(source, JSON.stringify(chain));
  table.chains.set(name, []);
  const type = stringAt(chain, 'type');
  const place = placeOf(stringAt(chain, 'hook') ?? '');
  if (type === undefined || place === undefined) return;
  const device = stringAt(chain, 'dev');
  table.bases.push({
    name,
    place,
    type: type === 'nat' ? 'nat' : 'filter',
    priority: numberAt(chain, 'prio') ?? 0,
    policy: policyOf(stringAt(chain, 'policy')),
    ...(device === undefined ? {} : { device }),
  });
}

function policyOf(word: string | undefined): FirewallVerdict {
  return word === 'drop' ? 'drop' : 'accept';
}

function setKey(entry: JsonObject, name: string): string {
  return `${stringAt(entry, 'family') ?? ''} ${stringAt(entry, 'table') ?? ''} ${name}`;
}
