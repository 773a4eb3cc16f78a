/** What the kernel of a director must be told before it passes real servers' answers on (VS/NAT only). */
import { isIpv6 } from './address.ts';
import type { Cluster } from '../lib/model/cluster.ts';

export interface ForwardingKey {
  readonly key: string;
  /** Other names under which the kernel takes the same setting. */
  readonly aliases: readonly string[];
}

const ipv4: ForwardingKey = { key: 'net.ipv4.ip_forward', aliases: ['net.ipv4.conf.all.forwarding'] };
const ipv6: ForwardingKey = { key: 'net.ipv6.conf.all.forwarding', aliases: [] };

/** The keys by the families of the RIPs of all NAT services; none when there is no such service. */
export function forwardingKeys(cluster: Cluster): readonly ForwardingKey[] {
  const rips = cluster.virtualServices
    .filter((service) => service.forwarding === 'nat')
    .flatMap((service) => service.destinations.map(({ realServer }) => realServer.rip));
  return [...(rips.some((rip) => !isIpv6(rip)) ? [ipv4] : []), ...(rips.some(isIpv6) ? [ipv6] : [])];
}
