/** Interfaces that take packets out of the director's tunnel. */
import { isIpv6, sameAddress } from './address.ts';
import type { NetworkLink } from '../lib/model/facts.ts';

/**
 * IFLA_INFO_KIND of the interface for IPVS' own encapsulation (ip_vs_xmit.c, ip_vs_tunnel_xmit): IP in IP, by the families of
 * the packet within (the VIP) and of the one around it (the RIP).
 */
export function tunnelKind(vip: string, rip: string): 'ipip' | 'sit' | 'ip6tnl' {
  if (isIpv6(rip)) return 'ip6tnl';
  return isIpv6(vip) ? 'sit' : 'ipip';
}

/** Kernel module of the kind. */
export const moduleOf = { ipip: 'ipip', sit: 'sit', ip6tnl: 'ip6_tunnel' } as const;
/** Interface that the module makes by itself, for packets of any sender. */
export const fallbackOf = { ipip: 'tunl0', sit: 'sit0', ip6tnl: 'ip6tnl0' } as const;

export function tunnelsFor(links: readonly NetworkLink[], vip: string, rip: string): readonly NetworkLink[] {
  const kind = tunnelKind(vip, rip);
  return links.filter((link) => link.kind === kind || (link.kind === undefined && link.name === fallbackOf[kind]));
}

export const anyAddress = (address: string | undefined): boolean =>
  address === undefined || address === 'any' || sameAddress(address, '0.0.0.0') || sameAddress(address, '::');
