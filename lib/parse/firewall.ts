/** All packet filters of one host as one firewall. */
import type { Firewall } from '../model/facts.ts';
import { type ArptablesSave, parseArptablesSave } from './arptables-save.ts';
import { type IptablesSave, parseIptablesSave } from './iptables-save.ts';
import { parseNftRuleset } from './nft-ruleset.ts';
import { firewallOf, type RuleTable } from './rule-chains.ts';

export interface FirewallText {
  /** `nft -j list ruleset`; absent without nft. */
  readonly nft?: string;
  /** One `iptables-save -c` each of the variants the host has. */
  readonly iptables: readonly string[];
  /** The same of `ip6tables-save -c`. */
  readonly ip6tables?: readonly string[];
  /** The same of `arptables-save`. */
  readonly arptables?: readonly string[];
}

/** Rules for IP and ARP packets; a host with none of the tools has an empty firewall. Throws ParseError. */
export function parseFirewall({ nft, iptables, ip6tables = [], arptables = [] }: FirewallText): Firewall {
  const saves = [
    ...distinct(iptables.map((text) => parseIptablesSave(text))),
    ...distinct(ip6tables.map((text) => parseIptablesSave(text, 'ipv6'))),
  ];
  const arpSaves = distinct(arptables.map(parseArptablesSave));
  const ruleset =
    nft === undefined || nft.trim() === ''
      ? { tables: [], arp: [] }
      : parseNftRuleset(nft, [...saves.flatMap(madeInNft), ...arpSaves.flatMap(arpMadeInNft)]);
  const oldTables = saves.flatMap(({ tables }) => tables);
  const engines: Firewall['engines'][number][] = [];
  if (ruleset.tables.some(holdsRules)) engines.push('nftables');
  if (oldTables.some(holdsRules)) engines.push('iptables');
  if ([...ruleset.tables, ...oldTables].some(isFirewalld)) engines.push('firewalld');
  return {
    ...firewallOf([...oldTables, ...ruleset.tables], engines),
    arp: [...arpSaves.flatMap(({ rules }) => rules), ...ruleset.arp],
  };
}

/** One variant asked twice, under two names, counts once. */
function distinct<T extends { readonly variant: string }>(saves: readonly T[]): readonly T[] {
  return saves.filter((save, index) => saves.findIndex(({ variant }) => variant === save.variant) === index);
}

function madeInNft({ variant, family, names }: IptablesSave): readonly string[] {
  return variant === 'legacy' ? [] : names.map((name) => `${family === 'ipv6' ? 'ip6' : 'ip'} ${name}`);
}

function arpMadeInNft({ variant }: ArptablesSave): readonly string[] {
  return variant === 'legacy' ? [] : ['arp filter'];
}

function holdsRules({ bases, chains }: RuleTable): boolean {
  return bases.some(({ policy }) => policy !== 'accept') || [...chains.values()].some((rules) => rules.length > 0);
}

/** The table of its nftables backend, the chains of its iptables backend. */
function isFirewalld({ name, chains }: RuleTable): boolean {
  return /^\w+ firewalld$/.test(name) || chains.has('INPUT_ZONES');
}
