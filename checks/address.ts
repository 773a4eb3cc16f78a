/** Comparing addresses as numbers, not as text: `FD00::1` is `fd00:0::1`, and `::ffff:10.0.0.1` is `10.0.0.1`. */
import ipaddr from 'ipaddr.js';
import type { InterfaceAddress } from '../lib/model/facts.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = readonly [base: Address, length: number];

interface Read {
  readonly address: Address;
  /** Equal for two texts of one address. */
  readonly normal: string;
}

/** Hosts are compared with each other by the same few hundred texts, over and over. */
const mostKept = 4096;
const addresses = new Map<string, Read | undefined>();
const networks = new Map<string, Network | undefined>();

function kept<T>(
  cache: Map<string, T | undefined>,
  text: string,
  read: (text: string) => T | undefined,
): T | undefined {
  if (cache.has(text)) return cache.get(text);
  if (cache.size >= mostKept) cache.clear();
  const value = read(text);
  cache.set(text, value);
  return value;
}

function addressOf(text: string): Read | undefined {
  return kept(addresses, text, () => {
    if (!ipaddr.isValid(text)) return undefined;
    const address = ipaddr.process(text);
    return { address, normal: address.toNormalizedString() };
  });
}

function networkOf(prefix: string): Network | undefined {
  return kept(networks, prefix, () => (ipaddr.isValidCIDR(prefix) ? ipaddr.parseCIDR(prefix) : undefined));
}

/** False for text that is no address, unless both are the same text. */
export function sameAddress(one: string, other: string): boolean {
  if (one === other) return true;
  const normal = addressOf(one)?.normal;
  return normal !== undefined && normal === addressOf(other)?.normal;
}

export function isAddress(text: string): boolean {
  return addressOf(text) !== undefined;
}

export function includesAddress(addresses: Iterable<string>, wanted: string): boolean {
  for (const address of addresses) if (sameAddress(address, wanted)) return true;
  return false;
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  const parsed = addressOf(address)?.address;
  if (parsed === undefined) return false;
  if (parsed instanceof ipaddr.IPv4) return parsed.octets[0] === 127;
  return parsed.parts.every((part, index) => part === (index === 7 ? 1 : 0));
}

export function isIpv6(address: string): boolean {
  return addressOf(address)?.address.kind() === 'ipv6';
}

/** Whether `address` lies in `prefix` (`10.0.0.0/8`, or a single address). Undefined when either cannot be read. */
export function inPrefix(address: string, prefix: string): boolean | undefined {
  const parsed = addressOf(address)?.address;
  if (parsed === undefined) return undefined;
  if (!prefix.includes('/')) return isAddress(prefix) ? sameAddress(address, prefix) : undefined;
  const [network, length = 0] = networkOf(prefix) ?? [];
  if (network === undefined) return undefined;
  if (parsed instanceof ipaddr.IPv4 && network instanceof ipaddr.IPv4) return parsed.match(network, length);
  if (parsed instanceof ipaddr.IPv6 && network instanceof ipaddr.IPv6) return parsed.match(network, length);
  return false;
}

/** The entry of `ip addr` that has the address; one on an interface that is up before one that is down. */
export function entryOf(addresses: readonly InterfaceAddress[], wanted: string): InterfaceAddress | undefined {
  const entries = addresses.filter((entry) => sameAddress(entry.address, wanted));
  return entries.find((entry) => entry.up) ?? entries[0];
}

/** `10.10.10.10:80`, `[fd00::10]:80`. */
export function endpoint(address: string, port: number): string {
  return isIpv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
