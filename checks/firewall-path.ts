/**
 * What a host's packet filter would do with one packet. Three-valued: a rule with a condition the model does not know
 * matches perhaps, and only when that makes a difference is the answer "undecided".
 */
import { inPrefix } from './address.ts';
import type { Firewall, FirewallRule, FirewallVerdict } from '../lib/model/facts.ts';

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
  const fates = chainsOf(firewall, hook).map((chain) => chainFate(chain, packet));
  const undecided = fates.flatMap((fate) => (fate.kind === 'undecided' ? fate.rules : []));
  return (
    fates.find((fate) => fate.kind === 'stopped') ??
    (fates.some((fate) => fate.kind === 'undecided') ? { kind: 'undecided', rules: undecided } : { kind: 'passes' })
  );
}

/** The base chains by group. Where a chain's own policy is not known, the hook's stands in if it cannot be another chain's. */
function chainsOf(firewall: Firewall, hook: Hook): readonly Chain[] {
  const rules = firewall.rules.filter((rule) => rule.hook === hook);
  const known = (firewall.chains ?? []).filter((chain) => chain.hook === hook);
  const groups = [...new Set([...known.map(({ group }) => group), ...rules.map(({ group }) => group)])];
  const policy = firewall.policies[hook];
  if (groups.length === 0) return [{ policy, rules: [] }];
  const fallback = policy === 'accept' || groups.length === 1 ? policy : undefined;
  return groups.map((group) => ({
    group,
    policy: known.find((chain) => chain.group === group)?.policy ?? fallback,
    rules: rules.filter((rule) => rule.group === group),
  }));
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

/** Whether the rule applies to the packet: of a filter, of a nat table, or one that marks. */
export function matchOf(rule: Pick<FirewallRule, 'match' | 'understood'>, packet: Packet): Match {
  const { match } = rule;
  const parts: Match[] = [
    protocolMatch(match.protocol, packet.protocol),
    addressMatch(match.source, packet.source),
    addressMatch(match.destination, packet.destination),
    portMatch(match.sourcePorts, packet.sourcePorts),
    portMatch(match.destinationPorts, packet.destinationPorts),
    interfaceMatch(match.inInterface, packet.inInterface),
    interfaceMatch(match.outInterface, packet.outInterface),
    stateMatch(match.states, packet.state),
    rule.understood ? 'yes' : 'perhaps',
  ];
  if (parts.includes('no')) return 'no';
  return parts.includes('perhaps') ? 'perhaps' : 'yes';
}

const protocolNumbers: Readonly<Record<string, string>> = {
  '6': 'tcp',
  '17': 'udp',
  '132': 'sctp',
  '0': 'all',
  ip: 'all',
};

function protocolMatch(wanted: string | undefined, protocol: string): Match {
  if (wanted === undefined) return 'yes';
  const name = protocolNumbers[wanted] ?? wanted;
  return name === 'all' || name === protocol ? 'yes' : 'no';
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
  const wanted = states.map((one) => one.toLowerCase());
  if (wanted.includes(state)) return 'yes';
  // A raw rule, which the model does not hold, may have taken the packet out of tracking.
  return wanted.includes('untracked') ? 'perhaps' : 'no';
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
