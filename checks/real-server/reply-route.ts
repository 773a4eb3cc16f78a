import { includesAddress } from '../address.ts';
import { interfaceOf, wayFrom } from '../direct-forwarding.ts';
import { keepGateway, keepRoute } from '../lasting-network.ts';
import { lasting, type Persisted } from '../lasting-places.ts';
import { persistedOf } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { forgetSysctl, hostPrefix, ipCommand, persistentSysctl } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { wayText, wayTo } from '../ways.ts';
import { cannotTell, defineCheck, fail, type Finding, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { Director } from '../../lib/model/cluster.ts';
import { nobodysAddress } from '../../lib/model/endpoint.ts';
import type { Remedy } from '../../lib/model/evidence.ts';
import type { FaultId } from '../../lib/model/fault-id.ts';
import type { Fact, InterfaceAddress, RouteDecision, Sysctls } from '../../lib/model/facts.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/**
 * With NAT only the director can put the VIP back into an answer. One that takes another way arrives from the RIP, and
 * the client, which never heard of it, resets it or sees nothing.
 * What counts is the kernel's own decision for the client's address, from the RIP: a more specific route may override the
 * default route, and a rule may choose another table by the source. Several directors may share a floating address as the gateway.
 */
export const replyRoute = defineCheck({
  id: 'real-server/reply-route',
  title: 'Answers leave through the director',
  failureTitle: 'Answers bypass the director',
  sees: [
    'nat-rs-gateway-not-director',
    'rs-no-default-route',
    'nat-client-same-subnet',
    'nat-rs-bypass-route',
    'nat-gateway-not-failed-over',
  ],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['routes'],
  requiresOfAll: ['addresses', 'sysctl', 'persistedNetwork'],
  doc: {
    why:
      'Connections to this real server stay in SYN_RECV on the director while the director itself can fetch its page: the ' +
      'SYN-ACK went past it. Clients time out on this share of the connections.',
    byHand: ['ip route get CIP from RIP', 'ip rule', 'ss -Htan state syn-recv', 'ipvsadm -Lnc # on the director'],
    references: ['LVS-HOWTO, LVS-NAT', 'net/netfilter/ipvs/ip_vs_core.c (handle_response)', 'ip-route(8)'],
  },
  evaluate({ routes }, { cluster, host, service }, { evidence, everyone }) {
    if (service.forwarding !== 'nat') {
      return notApplicable(`${service.name} forwards by ${service.forwarding}: answers need not pass the director`);
    }
    if (cluster.clients.length === 0) return notApplicable('The cluster file names no client to answer to');
    const directors = cluster.directors.map((director) => known(director, everyone.get(director.name)));
    const gateways = directors.flatMap(({ addresses }) => addresses);
    const holders = directors.filter(({ addresses }) => includesAddress(addresses, service.vip));
    const [holder] = holders;
    const settings = everyone.get(host.name)?.sysctl;
    const accepts = (settings?.known === true ? settings.value[redirects] : undefined) ?? '1';
    const own = everyone.get(host.name)?.addresses;
    const place = {
      host: host.name,
      device: own?.known === true ? interfaceOf(own.value, host.rip) : undefined,
      accepts,
      persisted: persistedOf(everyone.get(host.name)),
    };
    const decisions = cluster.clients.map((client) => {
      const route = wayFrom(routes, client.cip, host.rip) ?? wayTo(routes, client.cip);
      return { client, route, judged: judgeRoute(route, client.cip, gateways) };
    });
    const found = Object.fromEntries(decisions.map(({ client, route }) => [client.cip, wayText(route)]));
    const quoted = [quote(evidence('routes'), ...cluster.clients.map(({ cip }) => cip))];
    const wrong = decisions.find(({ judged }) => judged !== 'unknown' && judged !== 'through-director');
    // Answers have to pass the director that made the entry: a standby knows nothing of it.
    const standby = decisions.find(
      ({ judged, route }) =>
        judged === 'through-director' &&
        route?.gateway !== undefined &&
        holders.length === 1 &&
        directors.every(({ complete }) => complete) &&
        !includesAddress(holder?.addresses ?? [], route.gateway),
    );
    if (wrong === undefined && standby?.route !== undefined && holder !== undefined) {
      const via = standby.route.gateway ?? '';
      const owner = directors.find(({ addresses }) => includesAddress(addresses, via));
      return fail({
        reason: `${host.name} answers ${standby.client.name} (${standby.client.cip}) through ${owner?.name ?? via} (${via}), and ${holder.name} has the VIP ${service.vip}: the gateway did not move with it`,
        faults: ['nat-gateway-not-failed-over'],
        found,
        expected: Object.fromEntries(cluster.clients.map(({ cip }) => [cip, `via an address of ${holder.name}`])),
        evidence: quoted,
        ...optional(remedyOf(standby.route, { ...place, cip: standby.client.cip, dip: holder.dip })),
      });
    }
    if (wrong?.route === undefined) {
      const unknown = decisions.filter(({ judged }) => judged === 'unknown').map(({ client }) => client.cip);
      if (unknown.length === 0) return pass(found, quoted);
      return cannotTell(`${host.name} did not say which way it would answer ${listed(unknown)}`, quoted);
    }
    const silent = directors.find(({ complete }) => !complete);
    if (wrong.judged === 'other-gateway' && silent !== undefined) {
      return cannotTell(
        `${host.name} answers through ${wrong.route.gateway ?? ''}, and whether that is ${silent.name} cannot be told`,
        quoted,
      );
    }
    const dip = cluster.directors[0]?.dip ?? '';
    const ways = [...decisions.map(({ judged }) => judged), judgeElsewhere(routes, host.rip, gateways)];
    const faults = faultsOf(wrong.judged, ways);
    const remedy = faults.every((fault) => fault === 'nat-rs-bypass-route')
      ? bypassRemedy({ ...place, cip: wrong.client.cip, dip })
      : remedyOf(wrong.route, { ...place, cip: wrong.client.cip, dip });
    const finding: Finding = {
      faults,
      reason: reasonOf(host.name, wrong.route, `${wrong.client.name} (${wrong.client.cip})`, dip),
      found,
      expected: Object.fromEntries(cluster.clients.map(({ cip }) => [cip, `via ${dip}`])),
      evidence: quoted,
      ...optional(remedy),
    };
    if (wrong.judged !== 'client-is-here' && directors.some(({ tracks }) => tracks)) {
      return warn({
        ...finding,
        reason: `${finding.reason}; that works only if the director masquerades towards it, as net.ipv4.vs.conntrack=1 allows`,
      });
    }
    return fail(finding);
  },
});

/** That only the route of some clients is wrong shows in the way to others, and in that to nobody's address. */
function faultsOf(judged: Judged, ways: readonly Judged[]): readonly FaultId[] {
  switch (judged) {
    case 'no-way':
      return ['rs-no-default-route'];
    case 'other-gateway':
      if (ways.includes('through-director')) return ['nat-rs-bypass-route'];
      return ways.includes('unknown')
        ? ['nat-rs-gateway-not-director', 'nat-rs-bypass-route']
        : ['nat-rs-gateway-not-director'];
    default:
      return ['nat-client-same-subnet'];
  }
}

function optional(remedy: Remedy | undefined): Pick<Finding, 'remedy'> {
  return remedy === undefined ? {} : { remedy };
}

interface KnownDirector {
  readonly name: string;
  readonly dip: string;
  /** Whether the host itself said which addresses it has; a floating one is in no cluster file. */
  readonly complete: boolean;
  readonly addresses: readonly string[];
  /** Whether it could rewrite the clients' addresses, so that answers come back to it by themselves. */
  readonly tracks: boolean;
}

function known(
  director: Director,
  facts: { readonly addresses: Fact<readonly InterfaceAddress[]>; readonly sysctl: Fact<Sysctls> } | undefined,
): KnownDirector {
  const own = facts?.addresses.known === true ? facts.addresses.value.map(({ address }) => address) : [];
  const tracks = facts?.sysctl.known === true && facts.sysctl.value['net.ipv4.vs.conntrack'] === '1';
  return {
    name: director.name,
    dip: director.dip,
    complete: facts?.addresses.known === true,
    addresses: [director.dip, ...own],
    tracks,
  };
}

/** Where the real server sends what is for no network that it knows: by its default route. */
function judgeElsewhere(routes: readonly RouteDecision[], rip: string, gateways: readonly string[]): Judged {
  const nobody = nobodysAddress(rip);
  return judgeRoute(wayFrom(routes, nobody, rip), nobody, gateways);
}

type Judged = 'unknown' | 'through-director' | 'client-is-here' | 'other-gateway' | 'on-link' | 'no-way';

function judgeRoute(route: RouteDecision | undefined, cip: string, gateways: readonly string[]): Judged {
  if (route === undefined) return 'unknown';
  if (route.outcome === 'local') return 'client-is-here';
  if (route.outcome !== 'unicast') return 'no-way';
  if (route.gateway !== undefined)
    return includesAddress(gateways, route.gateway) ? 'through-director' : 'other-gateway';
  // A client on the director itself is answered there.
  return includesAddress(gateways, cip) ? 'through-director' : 'on-link';
}

function reasonOf(host: string, route: RouteDecision, client: string, dip: string): string {
  if (route.outcome === 'local') return `${host} has the address of ${client} itself, so its answers never leave it`;
  if (route.outcome !== 'unicast') return `${host} has no way to answer ${client}: its kernel says ${route.outcome}`;
  if (route.gateway === undefined) {
    return `${host} answers ${client} directly on ${route.interface ?? 'its own network'}, past the director`;
  }
  return `${host} answers ${client} through ${route.gateway}, not through the director (${dip})`;
}

const redirects = 'net.ipv4.conf.all.accept_redirects';

/** Where the remedy is for, and what of the host it goes by. */
interface Place {
  readonly host: string;
  readonly cip: string;
  readonly dip: string;
  /** On the way to the director; undefined where the host did not say. */
  readonly device: string | undefined;
  /** What the host has for redirects now. */
  readonly accepts: string;
  readonly persisted: Persisted;
}

function remedyOf(route: RouteDecision, { host, cip, dip, device, accepts, persisted }: Place): Remedy | undefined {
  if (route.outcome === 'local') return undefined;
  const ip = ipCommand(cip);
  if (route.outcome === 'unicast' && route.gateway === undefined) {
    const prefix = hostPrefix(cip);
    return lasting(
      {
        host,
        summary: `Send answers for ${cip} through the director, although it is on link, and ignore redirects`,
        commands: [`sysctl -w ${redirects}=0`, `${ip} route replace ${prefix} via ${dip}`],
        persistent: persistentSysctl(redirects, '0'),
        undo: [`${ip} route del ${prefix} via ${dip}`, `sysctl -w ${redirects}=${accepts}`, ...forgetSysctl(redirects)],
      },
      keepRoute(persisted, { to: prefix, gateway: dip, interface: device }),
    );
  }
  const dev = route.interface;
  const undo =
    route.gateway === undefined
      ? `${ip} route del default via ${dip}`
      : `${ip} route replace default via ${shellWord(route.gateway)}${dev === undefined ? '' : ` dev ${shellWord(dev)}`}`;
  return lasting(
    {
      host,
      summary: `Make the director the default gateway of ${host}`,
      commands: [`${ip} route replace default via ${dip}`],
      undo: [undo],
    },
    keepGateway(persisted, dip, device ?? dev),
  );
}

/** The default route is right: it is one of the clients' that has to go, or to give way to a more specific one. */
function bypassRemedy({ host, cip, dip, device, persisted }: Place): Remedy {
  const prefix = hostPrefix(cip);
  const ip = ipCommand(cip);
  return lasting(
    {
      host,
      summary: `Send answers for ${cip} through the director, by a route more specific than the one that leads past it; a rule that chooses another table has to go`,
      commands: [`${ip} route replace ${prefix} via ${dip}`],
      undo: [`${ip} route del ${prefix} via ${dip}`],
    },
    keepRoute(persisted, { to: prefix, gateway: dip, interface: device }),
  );
}
