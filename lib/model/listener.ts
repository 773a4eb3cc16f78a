/** Sockets that listen, as ss(8) writes their addresses. */
import type { Listener } from './facts.ts';

/** `[::1%lo]` is ::1. */
export function bareAddress({ address }: Pick<Listener, 'address'>): string {
  return address.replaceAll(/^\[|\]$|%.*$/g, '');
}

/** Bound to no address. `::` takes IPv4 too unless the program asked for IPv6 only (net.ipv6.bindv6only). */
export function isWildcard(listener: Pick<Listener, 'address'>): boolean {
  return ['*', '0.0.0.0', '::'].includes(bareAddress(listener));
}
