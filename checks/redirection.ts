/** Rules of a nat table, or of TPROXY, that take packets for an address before the routing decision. */
import { includesAddress, isAddress } from './address.ts';
import { clientPorts, matchOf, type Packet } from './firewall-path.ts';
import type { AddressTranslation, Firewall } from '../lib/model/facts.ts';

export interface Taken {
  /** Whether a new connection is taken; `perhaps` where conditions are not known, `unknown` where nobody looked. */
  readonly is: 'yes' | 'no' | 'perhaps' | 'unknown';
  /** The rules that take it, or may. */
  readonly by: readonly AddressTranslation[];
}

/** What PREROUTING does with new connections that the packet begins: the first rule that applies ends it. */
export function takenBefore(firewall: Firewall, packet: Packet): Taken {
  if (firewall.translations === undefined) return { is: 'unknown', by: [] };
  const perhaps: AddressTranslation[] = [];
  for (const rule of firewall.translations) {
    if (rule.hook !== 'prerouting') continue;
    const match = matchOf(rule, packet);
    if (match === 'no') continue;
    if (match === 'perhaps') {
      if (rule.kind !== 'accept') perhaps.push(rule);
      continue;
    }
    if (rule.kind === 'accept') break;
    return { is: 'yes', by: [rule] };
  }
  return perhaps.length === 0 ? { is: 'no', by: [] } : { is: 'perhaps', by: perhaps };
}

/**
 * The packet as INPUT or FORWARD sees it once its destination was rewritten; as it was where that is not known.
 * `here`: whether it stays on the host, which has the addresses `own`. REDIRECT takes the first address of the interface
 * the packet came in by, `redirected`.
 */
export function landing(
  firewall: Firewall,
  packet: Packet,
  { own, redirected }: { readonly own: readonly string[]; readonly redirected: string },
): { readonly packet: Packet; readonly here: boolean } {
  const { is, by } = takenBefore(firewall, packet);
  const [rule] = by;
  if (is !== 'yes' || rule === undefined || rule.kind === 'tproxy') return { packet, here: true };
  const address = rule.kind === 'redirect' ? redirected : addressOf(rule.to ?? '');
  const port = portOf(rule.to ?? '');
  const rewritten: Packet = {
    ...packet,
    translated: true,
    ...(isAddress(address) ? { destination: address } : {}),
    ...(port === undefined ? {} : { destinationPorts: [port, port] }),
  };
  const here = rule.kind === 'redirect' || !isAddress(address) || includesAddress(own, address);
  return { packet: here ? rewritten : { ...rewritten, destinationType: 'unicast' }, here };
}

/**
 * Whether a real server takes new connections to the VIP by a rule, REDIRECT, TPROXY, or DNAT to one of its `own`
 * addresses, and so needs no VIP of its own. `unknown` where conditions are not known or nobody looked.
 */
export function servesByRedirect(
  firewall: Firewall,
  vip: string,
  port: number,
  { protocol = 'tcp', own = [] }: { readonly protocol?: string; readonly own?: readonly string[] } = {},
): 'yes' | 'no' | 'unknown' {
  const { is, by } = takenBefore(firewall, {
    protocol,
    destination: vip,
    sourcePorts: clientPorts,
    destinationPorts: [port, port],
    state: 'new',
  });
  const stays = by.some(({ kind, to = '' }) => kind !== 'dnat' || includesAddress(own, addressOf(to)));
  if (is === 'yes') return stays ? 'yes' : 'no';
  return is === 'no' || (is === 'perhaps' && !stays) ? 'no' : 'unknown';
}

/** `192.0.2.1:80`, `[2001:db8::1]:80`, `192.0.2.1`. */
function addressOf(to: string): string {
  const bracketed = /^\[([^\]]+)\]/.exec(to)?.[1];
  if (bracketed !== undefined) return bracketed;
  return /^[^:]+:\d+/.test(to) ? (to.split(':')[0] ?? to) : to;
}

/** The port of `192.0.2.1:80`, `[2001:db8::1]:80` or `8080`. */
function portOf(to: string): number | undefined {
  const port = /^(?:\[[^\]]*\]:|[^:]*:)?(\d+)$/.exec(to)?.[1];
  return port === undefined ? undefined : Number(port);
}
