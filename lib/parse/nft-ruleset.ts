/** `nft -j list ruleset`: libnftables-json(5). */
import type { FirewallVerdict } from '../model/facts.ts';
import { asObjects, isObject, type JsonObject, parseJson, stringAt } from './json.ts';
import { parseNftRule, type SetLookup } from './nft-rule.ts';
import { ParseError } from './parse-error.ts';
import { type BaseChain, type ChainRule, hooksOf, type RuleTable } from './rule-chains.ts';

const source = 'nft -j list ruleset';
/** Families whose rules an IPv4 packet meets. */
const families = new Set(['ip', 'inet', 'netdev']);

/**
 * Tables that filter IPv4. `except`: names of `ip` tables that iptables-nft made, which nft shows with their conditions
 * left out; iptables-save has them whole. Throws ParseError.
 */
export function parseNftRuleset(text: string, except: readonly string[] = []): readonly RuleTable[] {
  const root = parseJson(text, source);
  const entries = asObjects(isObject(root) ? root['nftables'] : undefined);
  if (entries === undefined) throw new ParseError(source, text);
  const wanted = (entry: JsonObject): boolean => {
    const family = stringAt(entry, 'family') ?? '';
    return families.has(family) && !(family === 'ip' && except.includes(stringAt(entry, 'table') ?? ''));
  };
  const sets = new Map<string, unknown>();
  const tables = new Map<string, { readonly bases: BaseChain[]; readonly chains: Map<string, ChainRule[]> }>();
  const tableOf = (entry: JsonObject): { bases: BaseChain[]; chains: Map<string, ChainRule[]> } => {
    const key = `${stringAt(entry, 'family') ?? ''} ${stringAt(entry, 'table') ?? ''}`;
    const table = tables.get(key) ?? { bases: [], chains: new Map<string, ChainRule[]>() };
    tables.set(key, table);
    return table;
  };
  for (const entry of entries) {
    const set = entry['set'] ?? entry['map'];
    if (isObject(set) && wanted(set)) sets.set(setKey(set, stringAt(set, 'name') ?? ''), set['elem'] ?? []);
    const chain = entry['chain'];
    if (isObject(chain) && wanted(chain)) addChain(tableOf(chain), chain);
  }
  for (const entry of entries) {
    const rule = entry['rule'];
    if (!isObject(rule) || !wanted(rule)) continue;
    const rules = tableOf(rule).chains.get(stringAt(rule, 'chain') ?? '');
    if (rules === undefined) throw new ParseError(source, JSON.stringify(rule));
    const lookup: SetLookup = (name) => sets.get(setKey(rule, name));
    rules.push(...parseNftRule(rule, lookup));
  }
  return [...tables].map(([name, table]) => ({ engine: 'nftables', name, ...table }));
}

function addChain(table: { bases: BaseChain[]; chains: Map<string, ChainRule[]> }, chain: JsonObject): void {
  const name = stringAt(chain, 'name');
  if (name === undefined) throw new ParseError(source, JSON.stringify(chain));
  table.chains.set(name, []);
  const type = stringAt(chain, 'type');
  const hooks = hooksOf(stringAt(chain, 'hook') ?? '');
  // Address translation is no filter.
  if (type === undefined || type === 'nat' || hooks === undefined) return;
  const device = stringAt(chain, 'dev');
  table.bases.push({
    name,
    hooks,
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
