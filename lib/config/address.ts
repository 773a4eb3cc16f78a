import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/** The one way the kernel and its tools print an address (RFC 5952 for IPv6), so that declared and found compare equal. */
export function canonicalAddress(text: string): string {
  return isIPv6(text) ? new SocketAddress({ address: text, family: 'ipv6' }).address : text;
}

export function familyOf(address: string): 'IPv4' | 'IPv6' {
  return isIPv4(address) ? 'IPv4' : 'IPv6';
}

/** Why no host can be reached at it; undefined for an address a host can have. */
export function unusable(address: string): string | undefined {
  const canonical = canonicalAddress(address);
  if (canonical === '0.0.0.0' || canonical === '::') return 'it stands for any address';
  if (canonical === '255.255.255.255') return 'it is the broadcast address';
  const multicast = isIPv4(canonical) ? /^2(2[4-9]|3\d)\./ : /^ff[0-9a-f]{2}:/;
  return multicast.test(canonical) ? 'it is a multicast address' : undefined;
}
