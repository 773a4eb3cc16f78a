/** Tables of nftables' family arp. */
import type { ArpRule } from '../model/facts.ts';
import { asObjects, isObject, type JsonObject, stringAt } from './json.ts';
import { prefixOf, type SetLookup, valuesOf } from './nft-condition.ts';
import { nftText } from './nft-text.ts';

type Match = { -readonly [K in keyof ArpRule['match']]: ArpRule['match'][K] };

/** Fields that are alike in every ARP packet about IPv4 on Ethernet. */
const constant = new Set(['htype', 'ptype', 'hlen', 'plen']);

/** In the order of the chains; a chain whose policy drops ends with a rule that says so. */
export function arpRulesOfNft(
  chains: readonly JsonObject[],
  rules: readonly { readonly rule: JsonObject; readonly lookup: SetLookup }[],
): readonly ArpRule[] {
  return chains.flatMap((chain) => {
    const hook = stringAt(chain, 'hook');
    if (hook !== 'input' && hook !== 'output') return [];
    const table = stringAt(chain, 'table') ?? '';
    const name = stringAt(chain, 'name') ?? '';
    const group = `nftables arp ${table} ${name}`;
    const own = rules.filter(({ rule }) => rule['table'] === table && rule['chain'] === name);
    const laid = own.flatMap(({ rule, lookup }) =>
      parse(rule, lookup).map((one): ArpRule => ({ hook, group, ...one })),
    );
    const closing: ArpRule = { hook, group, verdict: 'drop', match: {}, understood: true, text: 'policy drop' };
    return stringAt(chain, 'policy') === 'drop' ? [...laid, closing] : laid;
  });
}

/** One rule for each value of a set; none where the rule lets the packet go on to the next as it is. */
function parse(rule: JsonObject, lookup: SetLookup): readonly Omit<ArpRule, 'hook'>[] {
  let matches: readonly Match[] = [{}];
  let understood = true;
  let verdict: ArpRule['verdict'] | undefined;
  for (const statement of asObjects(rule['expr']) ?? []) {
    const [kind = '', body] = Object.entries(statement)[0] ?? [];
    if (kind === 'match' && isObject(body)) {
      const alternatives = alternativesOf(body, lookup);
      if (alternatives === undefined) understood = false;
      else matches = matches.flatMap((match) => alternatives.map((other) => ({ ...match, ...other })));
    } else if (kind === 'accept' || kind === 'drop') verdict ??= kind;
    else if (kind === 'mangle' && isObject(body)) verdict = changesSender(body) ? 'mangle' : verdict;
    else if (['jump', 'goto', 'return', 'vmap', 'xt', 'queue'].includes(kind)) {
      // Where that leads is not followed: perhaps to a drop.
      verdict = 'drop';
      understood = false;
    }
  }
  if (verdict === undefined) return [];
  const text = nftText(rule);
  return matches.map((match) => ({ verdict, match, understood, text }));
}

function changesSender({ key }: JsonObject): boolean {
  return isObject(key) && isObject(key['payload']) && key['payload']['field'] === 'saddr ip';
}

function alternativesOf(match: JsonObject, lookup: SetLookup): readonly Match[] | undefined {
  const { left, op } = match;
  if (!isObject(left)) return undefined;
  const { payload, meta } = left;
  const field = isObject(payload) && payload['protocol'] === 'arp' ? (stringAt(payload, 'field') ?? '') : undefined;
  if (field !== undefined && constant.has(field)) return [{}];
  const values = valuesOf(match['right'], lookup);
  if (values === undefined || (op !== '==' && op !== 'in')) return undefined;
  const words = values.map(prefixOf);
  if (!words.every((word) => word !== undefined)) return undefined;
  switch (field ?? (isObject(meta) ? stringAt(meta, 'key') : undefined)) {
    case 'saddr ip':
      return words.map((sender) => ({ sender }));
    case 'daddr ip':
      return words.map((target) => ({ target }));
    case 'operation':
      return words.every((word) => word === 'request' || word === 'reply')
        ? words.map((operation) => ({ operation }))
        : undefined;
    case 'iifname':
    case 'iif':
      return words.map((inInterface) => ({ inInterface }));
    case 'oifname':
    case 'oif':
      return words.map((outInterface) => ({ outInterface }));
    default:
      return undefined;
  }
}
