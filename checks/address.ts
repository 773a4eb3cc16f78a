/** Comparing addresses as numbers, not as text: `FD00::1` is `fd00:0::1`, and `::ffff:10.0.0.1` is `10.0.0.1`. */
import ipaddr from 'ipaddr.js';
import type { InterfaceAddress } from '../lib/model/facts.ts';

/** False for text that is no address, unless both are the same text. */
export function sameAddress(one: string, other: string): boolean {
  if (one === other) return true;
  if (!ipaddr.isValid(one) || !ipaddr.isValid(other)) return false;
  return ipaddr.process(one).toNormalizedString() === ipaddr.process(other).toNormalizedString();
}

export function isAddress(text: string): boolean {
  return ipaddr.isValid(text);
}

export function includesAddress(addresses: Iterable<string>, wanted: string): boolean {
  for (const address of addresses) if (sameAddress(address, wanted)) return true;
  return false;
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}

export function isIpv6(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).kind() === 'ipv6';
}

/** Whether `address` lies in `prefix` (`10.0.0.0/8`, or a single address). Undefined when either cannot be read. */
export function inPrefix(address: string, prefix: string): boolean | undefined {
  if (!ipaddr.isValid(address)) return undefined;
  if (!prefix.includes('/')) return ipaddr.isValid(prefix) ? sameAddress(address, prefix) : undefined;
  if (!ipaddr.isValidCIDR(prefix)) return undefined;
  const parsed = ipaddr.process(address);
  const [network, length] = ipaddr.parseCIDR(prefix);
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
