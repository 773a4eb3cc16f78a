/**
 * What a host's packet filter would do with one packet. Three-valued: a rule with a condition the model does not know
 * matches perhaps, and only when that makes a difference is the answer "undecided".
 */
import { inPrefix, isIpv6 } from './address.ts';
import type { Firewall, FirewallRule, FirewallVerdict, PacketMatch } from '../lib/model/facts.ts';
import { protocolName } from '../lib/model/ip-protocol.ts';

export type Hook = FirewallRule['hook'];
/** As conntrack would label the packet; `untracked` when IPVS or a raw rule took it out of tracking. */
export type PacketState = 'new' | 'established' | 'invalid' | 'untracked';

type PortRange = readonly [number, number];

export interface Packet {
  readonly protocol: string;
  /** Absent when it may be anybody. */
  readonly source?: string;
  readonly destination?: string;
  readonly sourcePorts: PortRange;
  readonly destinationPorts: PortRange;
  /** Absent when the interface is not known. */
  readonly inInterface?: string;
  readonly outInterface?: string;
  readonly state: PacketState;
  /** TCP flags that are set, lower case; absent where the packet stands for any. */
  readonly flags?: readonly string[];
  /** Type and code of ICMP or ICMPv6. */
  readonly icmp?: readonly [type: number, code: number];
  /** What the host's routing takes the destination for. Default: `local` at INPUT, otherwise not known. */
  readonly destinationType?: string;
  /** Whether the way back to the source leads out where the packet came in; absent where it is not known. */
  readonly wayBack?: boolean;
  /** Whether connection tracking rewrote the destination of the packet's connection. Default: not. */
  readonly translated?: boolean;
}

/** What stopped a packet: a rule, or the policy of the hook's base chain. */
export interface Stop {
  readonly verdict: FirewallVerdict;
  readonly rule?: FirewallRule;
  /** Base chain, where it is known: `nftables inet filter input`. */
  readonly group?: string;
}

export type Fate =
  | { readonly kind: 'passes' }
  | ({ readonly kind: 'stopped' } & Stop)
  /** These rules decide, and whether they match cannot be told; none when it is a chain's policy that is not known. */
  | { readonly kind: 'undecided'; readonly rules: readonly FirewallRule[] };

/** Ports a client's own end may have: any unprivileged one. */
export const clientPorts: PortRange = [1024, 65535];

type Match = 'yes' | 'no' | 'perhaps';

interface Chain {
  readonly group?: string;
  /** Undefined when it cannot be told from what is known of the hook. */
  readonly policy: FirewallVerdict | undefined;
  readonly rules: readonly FirewallRule[];
}

/** What the chains of one hook do with the packet: every one must let it through, one that stops it ends it. */
export function fateOf(firewall: Firewall, hook: Hook, packet: Packet): Fate {
  const arriving: Packet = {
    ...packet,
    ...(packet.destinationType === undefined && hook === 'input' ? { destinationType: 'local' } : {}),
  };
  const untracked = untrackedBy(firewall, hook, arriving);
  if (untracked === 'no') return hookFate(firewall, hook, arriving);
  const taken = hookFate(firewall, hook, { ...arriving, state: 'untracked' });
  if (untracked === 'yes') return taken;
  const kept = hookFate(firewall, hook, arriving);
  if (taken.kind === 'passes' && kept.kind === 'passes') return taken;
  if (taken.kind === 'stopped' && kept.kind === 'stopped') return kept;
  const rules = [taken, kept].flatMap((fate) =>
    fate.kind === 'undecided' ? fate.rules : fate.kind === 'stopped' && fate.rule !== undefined ? [fate.rule] : [],
  );
  return { kind: 'undecided', rules };
}

function hookFate(firewall: Firewall, hook: Hook, packet: Packet): Fate {
  const fates = chainsOf(firewall, hook, familyOf(packet)).map((chain) => chainFate(chain, packet));
  const undecided = fates.flatMap((fate) => (fate.kind === 'undecided' ? fate.rules : []));
  return (
    fates.find((fate) => fate.kind === 'stopped') ??
    (fates.some((fate) => fate.kind === 'undecided') ? { kind: 'undecided', rules: undecided } : { kind: 'passes' })
  );
}

/** Whether a rule takes the packet out of connection tracking before the hook: on its way in, or where the host sends it. */
function untrackedBy({ untracked = [] }: Firewall, hook: Hook, packet: Packet): Match {
  if (packet.state === 'untracked') return 'no';
  const place = hook === 'output' ? 'output' : 'prerouting';
  const matches = untracked.filter((rule) => rule.hook === place).map((rule) => matchOf(rule, packet));
  if (matches.includes('yes')) return 'yes';
  return matches.includes('perhaps') ? 'perhaps' : 'no';
}

/**
 * The base chains of the packet's family by group. Where a chain's own policy is not known, the hook's stands in if it
 * cannot be another chain's.
 */
function chainsOf(firewall: Firewall, hook: Hook, family: Family | undefined): readonly Chain[] {
  const meets = (its: Family | undefined): boolean => its === undefined || family === undefined || its === family;
  const rules = firewall.rules.filter((rule) => rule.hook === hook);
  const known = (firewall.chains ?? []).filter((chain) => chain.hook === hook);
  const groups = [...new Set([...known.map(({ group }) => group), ...rules.map(({ group }) => group)])];
  const policy = firewall.policies[hook];
  if (groups.length === 0) return [{ policy, rules: [] }];
  const fallback = policy === 'accept' || groups.length === 1 ? policy : undefined;
  return groups.flatMap((group) => {
    const chain = known.find((one) => one.group === group);
    if (!meets(chain?.family)) return [];
    return [{ group, policy: chain?.policy ?? fallback, rules: rules.filter((rule) => rule.group === group) }];
  });
}

function chainFate({ group, policy, rules }: Chain, packet: Packet): Fate {
  const perhaps: FirewallRule[] = [];
  const end = rules.find((rule) => {
    const match = matchOf(rule, packet);
    if (match === 'perhaps') perhaps.push(rule);
    return match === 'yes';
  });
  const verdict = end?.verdict ?? policy;
  if (verdict === undefined) return { kind: 'undecided', rules: perhaps };
  const deciding = perhaps.filter((rule) => (rule.verdict === 'accept') !== (verdict === 'accept'));
  if (deciding.length > 0) return { kind: 'undecided', rules: deciding };
  if (verdict === 'accept') return { kind: 'passes' };
  return {
    kind: 'stopped',
    verdict,
    ...(group === undefined ? {} : { group }),
    ...(end === undefined ? {} : { rule: end }),
  };
}

type Family = 'ipv4' | 'ipv6';

/** By the addresses; undefined where neither is known. */
function familyOf({ source, destination }: Packet): Family | undefined {
  const address = destination ?? source;
  return address === undefined ? undefined : isIpv6(address) ? 'ipv6' : 'ipv4';
}

/** Whether the rule applies to the packet: of a filter, of a nat table, or one that marks. */
export function matchOf(rule: Pick<FirewallRule, 'match' | 'understood' | 'family'>, packet: Packet): Match {
  const family = rule.family === undefined ? {} : { family: rule.family };
  const matched = conditionsMatch({ ...rule.match, ...family }, packet);
  return matched === 'yes' && !rule.understood ? 'perhaps' : matched;
}

function conditionsMatch(match: PacketMatch, packet: Packet): Match {
  const family = familyOf(packet);
  const parts: Match[] = [
    match.family === undefined ? 'yes' : family === undefined ? 'perhaps' : match.family === family ? 'yes' : 'no',
    protocolMatch(match.protocol, packet.protocol),
    addressMatch(match.source, packet.source),
    addressMatch(match.destination, packet.destination),
    portMatch(match.sourcePorts, packet.sourcePorts),
    portMatch(match.destinationPorts, packet.destinationPorts),
    interfaceMatch(match.inInterface, packet.inInterface),
    interfaceMatch(match.outInterface, packet.outInterface),
    stateMatch(match.states, packet.state),
    statusMatch(match.statuses, packet),
    icmpMatch(match.icmpTypes, packet.icmp),
    flagsMatch(match.tcpFlags, packet.flags),
    typeMatch(match.destinationTypes, packet.destinationType),
    match.reversePath === undefined ? 'yes' : packet.wayBack === undefined ? 'perhaps' : packet.wayBack ? 'no' : 'yes',
    ...(match.not ?? []).map((other) => turnedRound(conditionsMatch(other, packet))),
  ];
  if (parts.includes('no')) return 'no';
  return parts.includes('perhaps') ? 'perhaps' : 'yes';
}

function turnedRound(match: Match): Match {
  return match === 'perhaps' ? 'perhaps' : match === 'yes' ? 'no' : 'yes';
}

function protocolMatch(wanted: string | undefined, protocol: string): Match {
  if (wanted === undefined) return 'yes';
  const name = protocolName(wanted);
  return name === 'all' || name === protocolName(protocol) ? 'yes' : 'no';
}

function addressMatch(prefix: string | undefined, address: string | undefined): Match {
  if (prefix === undefined) return 'yes';
  if (/^(0\.0\.0\.0|::)\/0$/.test(prefix)) return 'yes';
  const inside = address === undefined ? undefined : inPrefix(address, prefix);
  if (inside === undefined) return 'perhaps';
  return inside ? 'yes' : 'no';
}

function portMatch(ranges: readonly PortRange[] | undefined, [low, high]: PortRange): Match {
  if (ranges === undefined) return 'yes';
  if (ranges.some(([first, last]) => first <= low && high <= last)) return 'yes';
  return ranges.some(([first, last]) => first <= high && low <= last) ? 'perhaps' : 'no';
}

/** `eth+` (iptables) and `eth*` (nftables) stand for every name that begins so. */
function interfaceMatch(pattern: string | undefined, name: string | undefined): Match {
  if (pattern === undefined || pattern === '+' || pattern === '*') return 'yes';
  if (name === undefined) return 'perhaps';
  const same = /[+*]$/.test(pattern) ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
  return same ? 'yes' : 'no';
}

function stateMatch(states: readonly string[] | undefined, state: PacketState): Match {
  if (states === undefined) return 'yes';
  return states.some((one) => one.toLowerCase() === state) ? 'yes' : 'no';
}

function statusMatch(statuses: readonly string[] | undefined, { translated = false }: Packet): Match {
  if (statuses === undefined) return 'yes';
  if (translated && statuses.includes('dnat')) return 'yes';
  return statuses.every((status) => status === 'dnat') ? 'no' : 'perhaps';
}

function icmpMatch(types: PacketMatch['icmpTypes'], icmp: Packet['icmp']): Match {
  if (types === undefined) return 'yes';
  if (icmp === undefined) return 'no';
  const [type, code] = icmp;
  return types.some(([wanted, wantedCode = code]) => wanted === type && wantedCode === code) ? 'yes' : 'no';
}

function flagsMatch(wanted: PacketMatch['tcpFlags'], flags: readonly string[] | undefined): Match {
  if (wanted === undefined) return 'yes';
  if (flags === undefined) return 'perhaps';
  return wanted.mask.every((flag) => wanted.set.includes(flag) === flags.includes(flag)) ? 'yes' : 'no';
}

function typeMatch(types: readonly string[] | undefined, type: string | undefined): Match {
  if (types === undefined) return 'yes';
  if (type !== undefined) return types.includes(type) ? 'yes' : 'no';
  // What is sent to one host is no broadcast, whatever the routing says.
  return types.every((one) => /^(multi|broad|any)cast$/.test(one)) ? 'no' : 'perhaps';
}

/** One packet on its way, and what it is to the operator. */
export interface Leg {
  /** `requests from 192.0.2.1 to 198.51.100.1:80` */
  readonly what: string;
  readonly hook: Hook;
  readonly packet: Packet;
}

/** The first leg that is stopped; else the first that cannot be told. Undefined when every packet passes. */
export function obstacle(
  firewall: Firewall,
  legs: readonly Leg[],
): { readonly leg: Leg; readonly fate: Exclude<Fate, { kind: 'passes' }> } | undefined {
  const walked = legs.flatMap((leg) => {
    const fate = fateOf(firewall, leg.hook, leg.packet);
    return fate.kind === 'passes' ? [] : [{ leg, fate }];
  });
  return walked.find(({ fate }) => fate.kind === 'stopped') ?? walked[0];
}

export function verbOf({ verdict }: Stop): string {
  return verdict === 'reject' ? 'rejects' : 'drops';
}

/** How a stop reads: the rule as its tool prints it, or the policy. */
export function stopText(hook: Hook, stop: Stop): string {
  return stop.rule === undefined
    ? `the ${stop.verdict} policy of ${stop.group ?? hook.toUpperCase()}`
    : `the rule "${stop.rule.text}" (${stop.rule.chain})`;
}

/** What an undecided fate hangs on. */
export function undecidedBy(hook: Hook, rules: readonly FirewallRule[]): string {
  return rules.length === 0
    ? `the policy of a chain of ${hook.toUpperCase()} that is not known`
    : `conditions ipvet does not know: ${rules.map(({ text }) => text).join('; ')}`;
}
