/** Where on the way of a request each cause breaks it. What has no line here breaks the host it was found on. */
import type { FaultId } from '../../../lib/model/fault-id.ts';

/**
 * `request`: from the client to the VIP; `vip`: the VIP itself; `forward`: from the director to the real server;
 * `reply`: from the real server back.
 */
export type Hop = 'request' | 'vip' | 'director' | 'forward' | 'server' | 'reply';

const hops: Readonly<Partial<Record<FaultId, Hop>>> = {
  'client-firewall': 'request',
  'client-port-exhaustion': 'request',
  'stale-arp-at-client-or-router': 'request',
  'upstream-filter': 'request',
  'nat-upstream-of-vip': 'request',
  'dns-vip-mismatch': 'request',
  'rs-arp-flux': 'request',
  'rs-arp-announce-leak': 'request',
  'rs-arp-sysctl-wrong-scope': 'request',
  'rs-arp-vs-other-tools': 'request',
  'rs-vip-on-nic': 'request',
  'tun-arp': 'request',
  'backup-answers-arp': 'request',
  'vip-absent-on-director': 'vip',
  'vip-on-wrong-interface-or-down': 'vip',
  'wrong-rip-or-port': 'forward',
  'dr-port-rewrite-attempted': 'forward',
  'forwarding-method-mismatch': 'forward',
  'director-no-route-to-rs': 'forward',
  'dr-rip-not-on-link': 'forward',
  'director-neigh-stale': 'forward',
  'director-rs-pingpong': 'forward',
  'tun-proto4-filtered': 'forward',
  'tun-type-mismatch': 'forward',
  'tun-mtu-blackhole': 'forward',
  'nat-rs-gateway-not-director': 'reply',
  'nat-gateway-not-failed-over': 'reply',
  'nat-client-same-subnet': 'reply',
  'nat-rs-bypass-route': 'reply',
  'rs-no-default-route': 'reply',
  'rs-asymmetric-route': 'reply',
  'rs-egress-drop': 'reply',
  'rs-udp-wrong-source': 'reply',
  'dr-rs-gateway-is-director': 'reply',
  'dr-antispoofing': 'reply',
  'dr-stateful-firewall-path': 'reply',
};

export function hopOf(cause: string): Hop | undefined {
  return Object.hasOwn(hops, cause) ? hops[cause as FaultId] : undefined;
}
