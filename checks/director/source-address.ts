import { entryOf, inPrefix, isIpv6, sameAddress } from '../address.ts';
import { keepRoute } from '../lasting-network.ts';
import { lasting, type Persisted } from '../lasting-places.ts';
import { keepAlone } from '../lasting-remedies.ts';
import { persistedOf } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { forgetSysctl, hostPrefix, ipCommand, persistentSysctl } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { wayText, wayTo } from '../ways.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { Director } from '../../lib/model/cluster.ts';
import type { Remedy } from '../../lib/model/evidence.ts';
import type { InterfaceAddress, RouteDecision } from '../../lib/model/facts.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/**
 * What the director itself sends to a real server, health checks and the outside of tunnels among it, has the source the
 * kernel chooses for the way. A VIP that came first to its network, with that network's prefix, is chosen before the DIP.
 */
export const sourceAddress = defineCheck({
  id: 'director/source-address',
  title: 'Director speaks to real servers from an address of its own',
  failureTitle: 'Director speaks to real servers from the VIP',
  sees: ['vip-becomes-source-address'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director-service',
  requires: ['routes', 'addresses'],
  requiresOfAll: ['persistedNetwork'],
  doc: {
    why:
      'With DR and TUN the real server has the VIP too, and drops a packet that claims to come from one of its own addresses: ' +
      'health checks fail, tunnelled packets are lost, and destinations come and go. With NAT the source changes when the VIP ' +
      'moves. Taking the VIP away takes every address of its network that came later with it.',
    byHand: ['ip route get RIP # src', 'ip -4 address show dev INTERFACE # secondary'],
    references: ['net/ipv4/devinet.c (inet_select_addr, __inet_del_ifa)', 'ip-address(8)'],
  },
  evaluate({ routes, addresses }, { host, service }, { evidence, everyone }) {
    if (sameAddress(service.vip, host.dip)) return notApplicable(`${host.name} has the VIP for its only address`);
    const persisted = persistedOf(everyone.get(host.name));
    const ways = service.destinations
      .filter(({ realServer }) => entryOf(addresses, realServer.rip) === undefined)
      .map(({ realServer }) => ({ realServer, way: wayTo(routes, realServer.rip) }));
    const found = Object.fromEntries(ways.map(({ realServer, way }) => [realServer.name, way?.source ?? wayText(way)]));
    const quoted = [quote(evidence('routes'), ...ways.map(({ realServer }) => realServer.rip))];
    const expected = { source: host.dip };
    const wrong = ways.filter(({ way }) => way?.source !== undefined && sameAddress(way.source, service.vip));
    const first = wrong[0];
    if (first !== undefined) {
      const names = listed(wrong.map(({ realServer }) => realServer.name));
      const finding = {
        reason:
          `${host.name} speaks to ${names} from the VIP ${service.vip}` +
          (service.forwarding === 'nat'
            ? ', so the source changes when the VIP moves'
            : ', which they have themselves: they drop what comes from it'),
        found,
        expected,
        evidence: [...quoted, quote(evidence('addresses'), service.vip, host.dip)],
        remedy:
          asHostAddress(host.name, service.vip, entryOf(addresses, service.vip), persisted) ??
          fromDip(host, first.realServer.rip, first.way, persisted),
      };
      return service.forwarding === 'nat' ? warn(finding) : fail(finding);
    }
    const followers = secondaryTo(addresses, service.vip);
    if (followers.length > 0) {
      return warn({
        reason: `${host.name} has ${listed(followers)} as secondary to the VIP ${service.vip}: when the VIP is taken away they go with it`,
        found: { ...found, secondary: followers },
        expected,
        evidence: [quote(evidence('addresses'), service.vip, ...followers)],
        ...remedyOf(asHostAddress(host.name, service.vip, entryOf(addresses, service.vip), persisted)),
      });
    }
    const unknown = ways.filter(
      ({ way }) => way === undefined || (way.outcome === 'unicast' && way.source === undefined),
    );
    if (unknown.length > 0) {
      return cannotTell(
        `${host.name} did not say which source it uses towards ${listed(unknown.map(({ realServer }) => realServer.name))}`,
        quoted,
      );
    }
    return pass(found, quoted);
  },
});

/** IPv4 addresses that go when the VIP goes, unless promote_secondaries is on. */
function secondaryTo(addresses: readonly InterfaceAddress[], vip: string): readonly string[] {
  const entry = entryOf(addresses, vip);
  if (entry === undefined || isIpv6(vip) || entry.prefixLength === 32 || entry.flags?.includes('secondary') === true)
    return [];
  return addresses
    .filter(
      (other) =>
        other.interface === entry.interface &&
        other.prefixLength === entry.prefixLength &&
        other.flags?.includes('secondary') === true &&
        inPrefix(other.address, `${vip}/${entry.prefixLength}`) === true,
    )
    .map(({ address }) => address);
}

const promotion = 'net.ipv4.conf.all.promote_secondaries';

/** The network's other addresses are put back, should they have gone with the VIP. */
function asHostAddress(
  host: string,
  vip: string,
  entry: InterfaceAddress | undefined,
  persisted: Persisted,
): Remedy | undefined {
  if (entry === undefined) return undefined;
  const ip = ipCommand(vip);
  const dev = shellWord(entry.interface);
  if (entry.prefixLength === (isIpv6(vip) ? 128 : 32)) return undefined;
  return lasting(
    {
      host,
      summary: `Give the VIP ${vip} a prefix of its own, and keep the other addresses when it is taken away`,
      commands: [
        `sysctl -w ${promotion}=1`,
        `${ip} address del ${vip}/${entry.prefixLength} dev ${dev} && ${ip} address add ${hostPrefix(vip)} dev ${dev}`,
      ],
      persistent: persistentSysctl(promotion, '1'),
      undo: [
        `${ip} address del ${hostPrefix(vip)} dev ${dev} && ${ip} address add ${vip}/${entry.prefixLength} dev ${dev}`,
        ...forgetSysctl(promotion),
      ],
    },
    // keepalived and the like keep it in no file of the network.
    keepAlone(persisted, { ...entry, address: vip }, 'ask'),
  );
}

/** The VIP is a host address already, and a route names it. */
function fromDip({ name, dip }: Director, rip: string, way: RouteDecision | undefined, persisted: Persisted): Remedy {
  const ip = ipCommand(rip);
  const via = way?.gateway === undefined ? '' : ` via ${shellWord(way.gateway)}`;
  const dev = way?.interface === undefined ? '' : ` dev ${shellWord(way.interface)}`;
  return lasting(
    {
      host: name,
      summary: `Take the DIP ${dip} for the source towards ${rip}`,
      commands: [`${ip} route replace ${hostPrefix(rip)}${via}${dev} src ${dip}`],
      undo: [`${ip} route del ${hostPrefix(rip)}${via}${dev}`],
    },
    keepRoute(persisted, { to: hostPrefix(rip), gateway: way?.gateway, interface: way?.interface, source: dip }),
  );
}

function remedyOf(remedy: Remedy | undefined): { readonly remedy?: Remedy } {
  return remedy === undefined ? {} : { remedy };
}
