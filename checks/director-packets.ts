/** A service's packets on their way through its director, as the hooks of its packet filter see them. */
import { endpoint, isIpv6, sameAddress } from './address.ts';
import { clientPorts, type Leg, type Packet, type PacketState } from './firewall-path.ts';
import type { Cluster, Director, VirtualService } from '../lib/model/cluster.ts';
import type { RouteDecision, Sysctls } from '../lib/model/facts.ts';

/** How connection tracking takes the packets of IPVS. */
export interface Tracking {
  /** net.ipv4.vs.conntrack=1. */
  readonly kept: boolean;
  /** net.netfilter.nf_conntrack_tcp_loose: whether a connection may be taken up in its middle. */
  readonly loose: boolean;
}

/** The key of IPVS is there only once ip_vs is loaded; it is 0 until somebody sets it. */
export function trackingOf(sysctl: Sysctls): Tracking {
  return {
    kept: sysctl['net.ipv4.vs.conntrack'] === '1',
    loose: sysctl['net.netfilter.nf_conntrack_tcp_loose'] !== '0',
  };
}

export interface ServiceLegs {
  readonly transfer: readonly Leg[];
  /** Without them a connection works, and its entry lingers. */
  readonly closing: readonly Leg[];
}

interface Target {
  readonly address: string;
  readonly port: number;
}

/**
 * Requests pass INPUT before IPVS sees them and OUTPUT after: to RIP:rport (NAT), to the VIP (DR), or inside a packet to
 * the RIP (TUN). Answers come back this way with NAT only, and pass FORWARD.
 */
export function packetsThrough(
  { cluster, host, service }: { readonly cluster: Cluster; readonly host: Director; readonly service: VirtualService },
  tracking: Tracking,
  routes: readonly RouteDecision[],
): ServiceLegs {
  const { protocol, vip, port, forwarding, destinations } = service;
  const tcp = protocol === 'tcp';
  const state = states(service, tracking);
  // Nobody in particular when no client is declared.
  const same = cluster.clients.map(({ cip }) => cip).filter((cip) => isIpv6(cip) === isIpv6(vip));
  const clients = same.length === 0 ? [undefined] : same;
  const from = (client: string | undefined): Partial<Packet> => (client === undefined ? {} : { source: client });
  const request = (client: string | undefined, at: PacketState, flags: readonly string[]): Leg => ({
    what: `requests from ${client ?? 'clients'} to ${endpoint(vip, port)}`,
    hook: 'input',
    packet: {
      protocol,
      ...from(client),
      destination: vip,
      sourcePorts: clientPorts,
      destinationPorts: [port, port],
      inInterface: host.vipInterface,
      state: at,
      ...(tcp ? { flags } : {}),
      ...wayBackOf(routes, client, host.vipInterface),
    },
  });
  const onward = (client: string | undefined, target: Target, flags: readonly string[]): Leg => ({
    what: `requests to ${endpoint(target.address, target.port)}`,
    hook: 'output',
    packet: {
      protocol,
      ...from(client),
      destination: target.address,
      sourcePorts: clientPorts,
      destinationPorts: [target.port, target.port],
      outInterface: host.interface,
      destinationType: forwarding === 'dr' ? 'local' : 'unicast',
      state: state.output,
      ...(tcp ? { flags } : {}),
    },
  });
  const answer = (client: string | undefined, target: Target, at: PacketState, flags: readonly string[]): Leg => ({
    what: `answers from ${endpoint(target.address, target.port)} to ${client ?? 'clients'}`,
    hook: 'forward',
    packet: {
      protocol,
      source: target.address,
      ...(client === undefined ? {} : { destination: client }),
      sourcePorts: [target.port, target.port],
      destinationPorts: clientPorts,
      inInterface: host.interface,
      outInterface: host.vipInterface,
      destinationType: 'unicast',
      wayBack: true,
      state: at,
      ...(tcp ? { flags } : {}),
    },
  });
  const answers = (client: string | undefined, target: Target): readonly Leg[] =>
    !tcp || tracking.kept
      ? [answer(client, target, tracking.kept ? 'established' : 'new', ['syn', 'ack'])]
      : [answer(client, target, 'invalid', ['syn', 'ack']), answer(client, target, state.later, ['ack'])];
  const targets = destinations.map((destination) =>
    forwarding === 'nat' ? { address: destination.realServer.rip, port: destination.port } : { address: vip, port },
  );
  return {
    transfer: clients.flatMap((client) => [
      request(client, 'new', ['syn']),
      request(client, state.later, ['ack']),
      ...(forwarding === 'tun'
        ? destinations.map(({ realServer }) => tunnelled(host, service, realServer.rip, routes))
        : targets.flatMap((target) => [onward(client, target, ['syn']), onward(client, target, ['ack'])])),
      ...(forwarding === 'nat' ? targets.flatMap((target) => answers(client, target)) : []),
    ]),
    closing: tcp ? clients.map((client) => request(client, state.fin, ['fin', 'ack'])) : [],
  };
}

/** A request inside another packet; connection tracking sees that one anew (ip_vs_tunnel_xmit_prepare). */
function tunnelled(host: Director, { vip }: VirtualService, rip: string, routes: readonly RouteDecision[]): Leg {
  const source = routes.find(({ destination, from }) => from === undefined && sameAddress(destination, rip))?.source;
  return {
    what: `tunnelled requests (IP protocol ${isIpv6(vip) ? 41 : 4}) to ${rip}`,
    hook: 'output',
    packet: {
      protocol: isIpv6(vip) ? 'ipv6' : 'ipip',
      ...(source === undefined ? {} : { source }),
      destination: rip,
      sourcePorts: noPorts,
      destinationPorts: noPorts,
      outInterface: host.interface,
      destinationType: 'unicast',
      state: 'new',
    },
  };
}

/** Of a protocol that has none: no rule about ports is about it, and none asks for them. */
export const noPorts: readonly [number, number] = [0, 0];

/** Whether the host's way to the packet's source leads out where the packet came in, as far as a route was asked for. */
export function wayBackOf(
  routes: readonly RouteDecision[],
  source: string | undefined,
  inInterface: string | undefined,
): { readonly wayBack?: boolean } {
  if (source === undefined || inInterface === undefined) return {};
  const way = routes.find(({ destination, from }) => from === undefined && sameAddress(destination, source));
  return way?.interface === undefined ? {} : { wayBack: way.interface === inInterface };
}

/** States as IPVS leaves them: see the tables of tcp_new for packets in the middle of an unknown connection. */
function states(
  { forwarding, protocol }: VirtualService,
  { kept, loose }: Tracking,
): Record<'later' | 'fin' | 'output', PacketState> {
  const output = forwarding === 'tun' || kept ? 'new' : 'untracked';
  if (protocol !== 'tcp') return { later: kept && forwarding === 'nat' ? 'established' : 'new', fin: 'new', output };
  if (!kept) return { later: loose ? 'new' : 'invalid', fin: 'invalid', output };
  // With DR and TUN conntrack sees one direction only, and takes what follows the SYN for INVALID.
  const known = forwarding === 'nat' ? 'established' : 'invalid';
  return { later: known, fin: known, output };
}
