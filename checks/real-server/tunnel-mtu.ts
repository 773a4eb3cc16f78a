import { isIpv6, sameAddress } from '../address.ts';
import { type Everyone, wayFrom } from '../direct-forwarding.ts';
import { keepRoute } from '../lasting-network.ts';
import { lasting } from '../lasting-places.ts';
import { persistedOf } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { ipCommand } from '../remedies.ts';
import { wayTo } from '../ways.ts';
import { cannotTell, defineCheck, pass, warn } from '../../lib/model/check.ts';
import type { Cluster, RealServer, VirtualService } from '../../lib/model/cluster.ts';
import type { Firewall, NetworkLink, RouteDecision } from '../../lib/model/facts.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/** Largest packet of a client on the Internet, in bytes. */
const ethernet = 1500;

/**
 * The client sends segments as large as the real server announces; with the outer header they have to fit on the way from
 * the director. A reply route with a lower advmss, a clamp, a larger underlay or fragments (pmtu_disc=0) see to that.
 */
export const tunnelMtu = defineCheck({
  id: 'real-server/tunnel-mtu',
  title: 'Full packets of clients fit into the tunnel',
  failureTitle: 'Full packets of clients do not fit into the tunnel',
  sees: ['tun-mtu-blackhole', 'v6-tunnel-mtu'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['routes', 'links'],
  requiresOfAll: ['routes', 'links', 'sysctl', 'firewall', 'persistedNetwork'],
  inapplicable: ({ service: { name, forwarding } }) =>
    forwarding === 'tun' ? undefined : `${name} forwards by ${forwarding}: packets stay as large as they are`,
  doc: {
    why:
      'The director tells the client by ICMP to send less. Where that is filtered on the way, a connection is made and small ' +
      'requests are answered, and one with a large body or cookie hangs.',
    byHand: [
      'ip route get RIP # on the director: mtu',
      'ip route get CIP from VIP # on the real server: advmss',
      'nstat -az IcmpOutDestUnreachs # on the director, under uploads',
    ],
    references: ['net/netfilter/ipvs/ip_vs_xmit.c (ensure_mtu_is_adequate)', 'RFC 4459', 'LVS-HOWTO, LVS-Tun'],
  },
  evaluate({ routes, links }, { cluster, host, service }, { evidence, everyone }) {
    const headers = isIpv6(service.vip) ? 60 : 40;
    const outer = isIpv6(host.rip) ? 40 : 20;
    const announced = announcedMss(routes, links, cluster, host, service, headers);
    const quoted = [quote(evidence('routes'), ...cluster.clients.map(({ cip }) => cip))];
    const ways = cluster.directors.map((director) => {
      const facts = everyone.get(director.name);
      if (facts?.routes.known !== true || !facts.links.known) return { director, room: undefined, fragments: false };
      const way = wayTo(facts.routes.value, host.rip);
      const link = facts.links.value.find(({ name }) => name === way?.interface);
      const mtu = way?.mtu ?? link?.mtu;
      const fragments =
        facts.sysctl.known && facts.sysctl.value['net.ipv4.vs.pmtu_disc'] === '0' && !isIpv6(service.vip);
      return { director, room: mtu === undefined ? undefined : mtu - outer, fragments };
    });
    const narrow = ways
      .filter(({ fragments }) => !fragments)
      .toSorted((one, other) => (one.room ?? 0) - (other.room ?? 0))[0];
    if (narrow === undefined) return pass({ fragments: ways.map(({ director }) => director.name) }, quoted);
    if (narrow.room === undefined || announced === undefined) {
      const who =
        narrow.room === undefined
          ? `${narrow.director.name} does not say how large a packet it may send to ${host.rip}`
          : `${host.name} does not say by which interface it answers`;
      return cannotTell(who, quoted);
    }
    const firewall = everyone.get(host.name)?.firewall;
    const clamp = firewall?.known === true ? clampOf(firewall.value, service.vip) : undefined;
    const mss = Math.min(announced.mss, clamp ?? announced.mss);
    // A client sends no more than its own network takes, which is Ethernet as a rule.
    const largest = Math.min(mss + headers, Math.max(ethernet, ...clientMtus(cluster, everyone)));
    const found = { announcedMss: mss, roomInTunnel: narrow.room };
    if (largest <= narrow.room) return pass(found, quoted);
    const wanted = narrow.room - headers;
    const { way } = announced;
    const via = `${way.gateway === undefined ? '' : `via ${shellWord(way.gateway)} `}dev ${shellWord(way.interface ?? '')}`;
    const ip = ipCommand(service.vip);
    return warn({
      reason:
        `${host.name} announces segments of ${mss} bytes, and what a client then sends (${largest}) does not fit into the tunnel from ` +
        `${narrow.director.name} (${narrow.room}): large requests hang where the ICMP of the director does not reach the client`,
      faults: [isIpv6(service.vip) || isIpv6(host.rip) ? 'v6-tunnel-mtu' : 'tun-mtu-blackhole'],
      found,
      expected: { announcedMss: wanted },
      evidence: quoted,
      remedy: lasting(
        {
          host: host.name,
          summary: `Announce segments that fit: ${wanted} bytes`,
          commands: [`${ip} route replace default ${via} advmss ${wanted}`],
          undo: [`${ip} route replace default ${via}`],
        },
        keepRoute(persistedOf(everyone.get(host.name)), {
          to: 'default',
          gateway: way.gateway,
          interface: way.interface,
          advmss: wanted,
        }),
      ),
    });
  },
});

/** Of the SYN-ACK, by the way it takes: advmss, else what its interface and the route take (net/ipv4/route.c). */
function announcedMss(
  routes: readonly RouteDecision[],
  links: readonly NetworkLink[],
  cluster: Cluster,
  host: RealServer,
  { vip }: VirtualService,
  headers: number,
): { readonly mss: number; readonly way: RouteDecision } | undefined {
  const announced = cluster.clients.flatMap(({ cip }) => {
    const bySource = [wayFrom(routes, cip, vip), wayFrom(routes, cip, host.rip), wayTo(routes, cip)];
    const way = bySource.find((each) => each?.outcome === 'unicast');
    if (way === undefined) return [];
    if (way.advmss !== undefined) return [{ mss: way.advmss, way }];
    const mtu = way.mtu ?? links.find(({ name }) => name === way.interface)?.mtu;
    return mtu === undefined ? [] : [{ mss: mtu - headers, way }];
  });
  return announced.toSorted((one, other) => other.mss - one.mss)[0];
}

/** The lowest clamp that may be about answers from the VIP; one that follows the path MTU knows nothing of the tunnel. */
function clampOf({ mssClamps = [] }: Firewall, vip: string): number | undefined {
  const sizes = mssClamps
    .filter(({ source }) => source === undefined || sameAddress(source.replace(/\/(?:32|128)$/, ''), vip))
    .flatMap(({ mss }) => mss ?? []);
  return sizes.length === 0 ? undefined : Math.min(...sizes);
}

function clientMtus(cluster: Cluster, everyone: Everyone<'links'>): readonly number[] {
  return cluster.clients.flatMap(({ name, interface: own }) => {
    const links = everyone.get(name)?.links;
    if (links?.known !== true) return [];
    return links.value
      .filter((link) => (own === undefined ? link.name !== 'lo' : link.name === own))
      .map(({ mtu }) => mtu);
  });
}
