/** Both packet filters of one host as one firewall. */
import type { Firewall } from '../model/facts.ts';
import { type IptablesSave, parseIptablesSave } from './iptables-save.ts';
import { parseNftRuleset } from './nft-ruleset.ts';
import { firewallOf, type RuleTable } from './rule-chains.ts';

export interface FirewallText {
  /** `nft -j list ruleset`; absent without nft. */
  readonly nft?: string;
  /** One `iptables-save -c` each of the variants the host has. */
  readonly iptables: readonly string[];
}

/** Rules that filter IPv4; a host with neither tool has an empty firewall. Throws ParseError. */
export function parseFirewall({ nft, iptables }: FirewallText): Firewall {
  const saves = distinct(iptables.map(parseIptablesSave));
  const made = saves.filter(({ variant }) => variant === 'nf_tables').flatMap(({ names }) => names);
  const nftTables = nft === undefined || nft.trim() === '' ? [] : parseNftRuleset(nft, made);
  const oldTables = saves.flatMap(({ tables }) => tables);
  const engines: Firewall['engines'][number][] = [];
  if (nftTables.some(holdsRules)) engines.push('nftables');
  if (oldTables.some(holdsRules)) engines.push('iptables');
  if ([...nftTables, ...oldTables].some(isFirewalld)) engines.push('firewalld');
  return firewallOf([...oldTables, ...nftTables], engines);
}

/** `iptables-save` may be either variant; the same one asked twice under two names counts once. */
function distinct(saves: readonly IptablesSave[]): readonly IptablesSave[] {
  return saves.filter((save, index) => saves.findIndex(({ variant }) => variant === save.variant) === index);
}

function holdsRules({ bases, chains }: RuleTable): boolean {
  return bases.some(({ policy }) => policy !== 'accept') || [...chains.values()].some((rules) => rules.length > 0);
}

/** The table of its nftables backend, the chains of its iptables backend. */
function isFirewalld({ name, chains }: RuleTable): boolean {
  return /^\w+ firewalld$/.test(name) || chains.has('INPUT_ZONES');
}
