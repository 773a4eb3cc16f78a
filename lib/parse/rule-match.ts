/** Conditions of a packet filter's rules, put together as the kernel does: all of them have to hold. */
import ipaddr from 'ipaddr.js';

import type { PacketMatch } from '../model/facts.ts';
import { protocolName } from '../model/ip-protocol.ts';

export type RuleMatch = PacketMatch;

/** Every packet meets it. */
export function isAlways(match: RuleMatch): boolean {
  return Object.keys(match).length === 0;
}

/** Matches that hold when one of each side does. */
export function both(left: readonly RuleMatch[], right: readonly RuleMatch[]): readonly RuleMatch[] {
  return left.flatMap((a) => right.flatMap((b) => conjunction(a, b) ?? []));
}

/** Holds where `match` does and none of `others`. */
export function without(match: RuleMatch, others: readonly RuleMatch[]): RuleMatch {
  return others.length === 0 ? match : { ...match, not: [...(match.not ?? []), ...others] };
}

/** Undefined when no packet can meet both. */
export function conjunction(a: RuleMatch, b: RuleMatch): RuleMatch | undefined {
  const merged: { -readonly [K in keyof RuleMatch]: RuleMatch[K] } = { ...a, ...b };
  let clashes = 0;
  const keep = <K extends keyof RuleMatch>(
    key: K,
    narrow: (one: NonNullable<RuleMatch[K]>, other: NonNullable<RuleMatch[K]>) => RuleMatch[K],
  ): void => {
    const one = a[key];
    const other = b[key];
    if (one === undefined || other === undefined) return;
    const narrower = narrow(one, other);
    if (narrower === undefined) clashes += 1;
    else merged[key] = narrower;
  };
  keep('family', same);
  keep('protocol', (one, other) => (protocolName(one) === protocolName(other) ? other : undefined));
  keep('source', narrowerPrefix);
  keep('destination', narrowerPrefix);
  keep('inInterface', narrowerName);
  keep('outInterface', narrowerName);
  keep('sourcePorts', commonPorts);
  keep('destinationPorts', commonPorts);
  keep('states', commonWords);
  keep('statuses', commonWords);
  keep('destinationTypes', commonWords);
  keep('icmpTypes', commonTypes);
  keep('tcpFlags', commonFlags);
  keep('reversePath', same);
  keep('not', (one, other) => [...one, ...other]);
  return clashes === 0 ? merged : undefined;
}

function same<T>(one: T, other: T): T | undefined {
  return one === other ? one : undefined;
}

/** Of two prefixes the one inside the other. Text that is no prefix is kept when both are the same. */
function narrowerPrefix(one: string, other: string): string | undefined {
  if (one === other) return one;
  const [a, b] = [prefixOf(one), prefixOf(other)];
  if (a === undefined || b === undefined) return one;
  if (a[0].kind() !== b[0].kind()) return undefined;
  const [inner, outer, text] = a[1] >= b[1] ? [a, b, one] : [b, a, other];
  return inner[0].match(outer[0], outer[1]) ? text : undefined;
}

type Prefix = [ipaddr.IPv4 | ipaddr.IPv6, number];

function prefixOf(text: string): Prefix | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text)) return undefined;
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** `eth+` (iptables) and `eth*` (nftables) stand for every name that begins so. */
function narrowerName(one: string, other: string): string | undefined {
  const covers = (pattern: string, name: string): boolean =>
    pattern === name || (/[+*]$/.test(pattern) && name.startsWith(pattern.slice(0, -1)));
  if (covers(one, other)) return other;
  return covers(other, one) ? one : undefined;
}

function commonWords(one: readonly string[], other: readonly string[]): readonly string[] | undefined {
  const common = one.filter((word) => other.includes(word));
  return common.length === 0 ? undefined : common;
}

type Ports = NonNullable<RuleMatch['destinationPorts']>;

function commonPorts(a: Ports, b: Ports): Ports | undefined {
  const common = a.flatMap(([low, high]) =>
    b.flatMap(([first, last]): Ports => {
      const from = Math.max(low, first);
      const to = Math.min(high, last);
      return from <= to ? [[from, to]] : [];
    }),
  );
  return common.length === 0 ? undefined : common;
}

type Types = NonNullable<RuleMatch['icmpTypes']>;

function commonTypes(a: Types, b: Types): Types | undefined {
  const common = a.flatMap(([type, code]) =>
    b.flatMap(([otherType, otherCode]): Types => {
      if (type !== otherType) return [];
      if (code === undefined || otherCode === undefined || code === otherCode) {
        const narrower = code ?? otherCode;
        return [narrower === undefined ? [type] : [type, narrower]];
      }
      return [];
    }),
  );
  return common.length === 0 ? undefined : common;
}

type Flags = NonNullable<RuleMatch['tcpFlags']>;

function commonFlags(a: Flags, b: Flags): Flags | undefined {
  const clash = (one: Flags, other: Flags): boolean =>
    one.set.some((flag) => other.mask.includes(flag) && !other.set.includes(flag));
  if (clash(a, b) || clash(b, a)) return undefined;
  return { mask: [...new Set([...a.mask, ...b.mask])], set: [...new Set([...a.set, ...b.set])] };
}
