/** What VS/DR and VS/TUN rest on: a real server that has the VIP as well, and the segment on which it must not say so. */
import { inPrefix, isIpv6, sameAddress } from './address.ts';
import { wayTo } from './ways.ts';
import type { Subjects } from '../lib/model/check.ts';
import type { Cluster, RealServer } from '../lib/model/cluster.ts';
import type { Fact, HostFactName, HostFacts, InterfaceAddress, RouteDecision } from '../lib/model/facts.ts';

export type Everyone<N extends HostFactName> = ReadonlyMap<string, { readonly [K in N]: Fact<HostFacts[K]> }>;

/** Why a check of DR and TUN has nothing to say about a service. */
export function notDirect({ service }: Subjects['real-server-service']): string | undefined {
  return service.forwarding === 'nat'
    ? `${service.name} forwards by nat: its real servers have no VIP, and answer through the director`
    : undefined;
}

/** The way for a destination from a source, as rules may choose by it. */
export function wayFrom(
  routes: readonly RouteDecision[],
  destination: string,
  source: string,
): RouteDecision | undefined {
  return routes.find(
    ({ destination: to, from }) => from !== undefined && sameAddress(from, source) && sameAddress(to, destination),
  );
}

/** Whether the kernel takes packets for the address as its own: an address on an interface that is up, or a local route. */
export function isOwn(
  addresses: readonly InterfaceAddress[],
  routes: readonly RouteDecision[],
  address: string,
): boolean {
  return (
    wayTo(routes, address)?.outcome === 'local' ||
    addresses.some((entry) => entry.up && sameAddress(entry.address, address))
  );
}

/** Interface of the host's own address: where what is sent to it comes in. */
export function interfaceOf(addresses: readonly InterfaceAddress[], address: string): string | undefined {
  const entries = addresses.filter((entry) => sameAddress(entry.address, address));
  return (entries.find(({ up }) => up) ?? entries[0])?.interface;
}

export type Answer = 'yes' | 'no' | 'unknown';

/**
 * Whether an interface is on the segment where the VIP is asked for: the VIP, or the address a director has on its
 * interface of the VIPs, is in a network of the interface. A segment may hold networks that no address shows.
 */
export function onSegmentOf(
  {
    vip,
    cluster,
    everyone,
  }: { readonly vip: string; readonly cluster: Cluster; readonly everyone: Everyone<'addresses'> },
  addresses: readonly InterfaceAddress[],
  interfaceName: string,
): Answer {
  const networks = addresses.filter(
    (entry) => entry.interface === interfaceName && entry.prefixLength < (isIpv6(entry.address) ? 128 : 32),
  );
  const holds = (address: string) =>
    networks.some((entry) => inPrefix(address, `${entry.address}/${entry.prefixLength}`) === true);
  if (holds(vip)) return 'yes';
  let unknown = false;
  for (const director of cluster.directors) {
    const own = everyone.get(director.name)?.addresses;
    if (own?.known !== true) unknown = true;
    const there =
      own?.known === true
        ? own.value.filter((entry) => entry.interface === director.vipInterface).map(({ address }) => address)
        : director.interface === director.vipInterface
          ? [director.dip]
          : [];
    if (there.some((address) => !isLinkLocal(address) && holds(address))) return 'yes';
  }
  return unknown ? 'unknown' : 'no';
}

/** Every segment has fe80::/10 of its own. */
function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}

/** Interfaces of a real server on which neighbours may ask for the VIP; that of the RIP always with DR. */
export function askedInterfaces(
  segment: Parameters<typeof onSegmentOf>[0],
  host: RealServer,
  addresses: readonly InterfaceAddress[],
  forwarding: 'nat' | 'dr' | 'tun',
): { readonly names: readonly string[]; readonly unknown: boolean } {
  const ingress = interfaceOf(addresses, host.rip);
  const all = [...new Set(addresses.filter(({ up }) => up).map((entry) => entry.interface))];
  // Where the VIP stands is no sign of its segment: a VIP with a network of its own on lo would be its own proof.
  const others = addresses.filter(({ address }) => !sameAddress(address, segment.vip));
  const judged = all.filter((name) => name !== 'lo').map((name) => ({ name, on: onSegmentOf(segment, others, name) }));
  const names = judged
    .filter(({ name, on }) => on === 'yes' || (forwarding === 'dr' && name === ingress))
    .map(({ name }) => name);
  return { names, unknown: names.length === 0 && judged.some(({ on }) => on === 'unknown') };
}
