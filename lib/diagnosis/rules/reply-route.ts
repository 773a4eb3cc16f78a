/**
 * VS/NAT: the real server's answer must come back through the director, which alone can put the VIP back as its source.
 * One that leaves by another way is thrown away or reset by the client; the director sees SYNs and no answer, so the
 * entries stay in SYN_RECV, while the director's own connection to the RIP (on link, no gateway needed) works.
 * States and counters: net/netfilter/ipvs/ip_vs_proto_tcp.c; in NAT an answer that passed would count in OutPkts.
 */
import type { Client, RealServer, VirtualService } from '../../model/cluster.ts';
import type { Diagnosis } from '../../model/diagnosis.ts';
import type { Evidence, Remedy } from '../../model/evidence.ts';
import type { RouteDecision } from '../../model/facts.ts';
import { type DestinationSigns, destinationSigns, type DiagnosisInput, failures, verdictOn } from '../input.ts';
import type { Rule } from '../rule.ts';

const explained = [
  'real-server/reply-route',
  'traffic/requests',
  'traffic/handshakes',
  'traffic/reconciliation',
  'traffic/thresholds',
  'traffic/distribution',
] as const;

export const replyRoute: Rule = {
  causes: ['nat-rs-gateway-not-director', 'nat-rs-bypass-route', 'rs-no-default-route', 'nat-client-same-subnet'],
  evaluate: (input) =>
    input.cluster.virtualServices
      .filter(({ forwarding }) => forwarding === 'nat')
      .flatMap((service) =>
        service.destinations.flatMap(({ realServer }) => diagnosisOf(input, service, realServer) ?? []),
      ),
};

function diagnosisOf(input: DiagnosisInput, service: VirtualService, realServer: RealServer): Diagnosis | undefined {
  const { clients } = input.cluster;
  const sender = input.observation(service.name)?.load?.client;
  const client = clients.find(({ name }) => name === sender) ?? clients[0];
  const signs = destinationSigns(input, service, realServer);
  // Answers came through: the way back is right. A handshake alone is two packets back, a page more.
  const answered = (signs?.answers ?? 0) > 0 || (signs?.outPackets ?? 0) > 2 * (signs?.connections ?? 0);
  if (client === undefined || answered) return undefined;
  const verdict = verdictOn(input, 'real-server/reply-route', realServer.name, service.name);
  const route = routeTo(input, realServer, client);
  // That the gateway stayed behind when the VIP moved, the check alone sees.
  if (verdict?.faults?.every((fault) => !replyRoute.causes.includes(fault)) === true) return undefined;
  if (verdict?.outcome === 'fail' && route !== undefined)
    return fromRoute(input, service, realServer, client, route, signs);
  if (verdict?.outcome !== 'pass' && signs !== undefined) return fromTraffic(input, service, realServer, signs);
  return undefined;
}

/** The real server told its route: what remains is which of the mistakes it is, and whether traffic agrees. */
function fromRoute(
  input: DiagnosisInput,
  service: VirtualService,
  realServer: RealServer,
  client: Client,
  route: RouteDecision,
  signs: DestinationSigns | undefined,
): Diagnosis {
  const dips = input.cluster.directors.map(({ dip }) => dip).join(' or ');
  const found = verdictOn(input, 'real-server/reply-route', realServer.name, service.name)?.faults ?? [];
  const { cause, summary } = mistake(realServer, client, route, dips, found);
  const seen = signs === undefined ? [] : trafficSigns(signs);
  const confirmed = signs !== undefined && signs.stuck > 0 && signs.reach?.outcome === 'answered';
  return {
    cause,
    summary,
    host: realServer.name,
    service: service.name,
    certainty: confirmed ? 'certain' : 'likely',
    because: [
      `${realServer.name} sends packets for ${client.cip} ${routeInWords(route)}; the director is ${dips}`,
      ...seen,
    ],
    evidence: [...routeEvidence(input, service, realServer), ...trafficEvidence(input, service)],
    remedy: remedyFor(input, service, cause, realServer),
    ruledOut: ruledOut(input, realServer, signs),
    explains: failures(input, explained, realServer.name, service.name),
  };
}

/** The real server could not be asked; the table and the director's own connection say it without it. */
function fromTraffic(
  input: DiagnosisInput,
  service: VirtualService,
  realServer: RealServer,
  signs: DestinationSigns,
): Diagnosis | undefined {
  const silent = signs.stuck > 0 && signs.outPackets === 0 && signs.reach?.outcome === 'answered';
  if (!silent || !othersAnswer(input, service, realServer)) return undefined;
  return {
    cause: 'nat-rs-gateway-not-director',
    summary: `${realServer.name} most probably sends its answers past the director: its default gateway should be the director`,
    host: realServer.name,
    service: service.name,
    certainty: 'likely',
    because: [...trafficSigns(signs), `the route on ${realServer.name} itself could not be read`],
    evidence: trafficEvidence(input, service),
    remedy: remedyFor(input, service, 'nat-rs-gateway-not-director', realServer),
    ruledOut: ruledOut(input, realServer, signs),
    explains: failures(input, explained, realServer.name, service.name),
  };
}

function mistake(
  realServer: RealServer,
  client: Client,
  route: RouteDecision,
  dips: string,
  found: readonly string[],
): Pick<Diagnosis, 'cause' | 'summary'> {
  if (route.outcome !== 'unicast') {
    return {
      cause: 'rs-no-default-route',
      summary: `${realServer.name} has no route to the client ${client.cip}, so its answers are never sent`,
    };
  }
  if (route.gateway === undefined) {
    return {
      cause: 'nat-client-same-subnet',
      summary: `The client ${client.cip} is in ${realServer.name}'s own subnet, so answers go to it directly and not through the director`,
    };
  }
  if (found[0] === 'nat-rs-bypass-route') {
    return {
      cause: 'nat-rs-bypass-route',
      summary: `${realServer.name} sends its answers for ${client.cip} to ${route.gateway}, though its default gateway is the director (${dips}): a more specific route or a rule leads past it`,
    };
  }
  return {
    cause: 'nat-rs-gateway-not-director',
    summary: `${realServer.name} sends its answers to ${route.gateway} instead of the director (${dips}), so they never get back to the client`,
  };
}

function routeInWords({ outcome, gateway, interface: device }: RouteDecision): string {
  if (outcome !== 'unicast') return `nowhere (${outcome})`;
  return `${gateway === undefined ? 'directly' : `to gateway ${gateway}`}${device === undefined ? '' : ` on ${device}`}`;
}

function trafficSigns({ destination, stuck, connections, inPackets, outPackets, reach }: DestinationSigns): string[] {
  return [
    ...(stuck > 0 ? [`${stuck} connections to ${destination} were in SYN_RECV for more than 3 s at once`] : []),
    ...(connections !== undefined && connections > 0 && outPackets === 0
      ? [
          `the director forwarded ${inPackets ?? 0} packets of ${connections} connections to ${destination} and saw no packet come back`,
        ]
      : []),
    ...(reach?.outcome === 'answered' ? [`the director itself gets ${reach.detail} from ${destination}`] : []),
  ];
}

function ruledOut(
  input: DiagnosisInput,
  realServer: RealServer,
  signs: DestinationSigns | undefined,
): Diagnosis['ruledOut'] {
  const forward = input.cluster.directors.every(({ name }) => {
    const sysctl = input.fact(name, 'sysctl');
    return sysctl.known && sysctl.value['net.ipv4.ip_forward'] === '1';
  });
  return [
    ...(signs?.reach?.outcome === 'answered'
      ? [
          { cause: 'rs-service-down', because: `the director gets ${signs.reach.detail} from ${signs.destination}` },
          { cause: 'rs-host-down', because: `${realServer.name} answers the director` },
        ]
      : []),
    ...(forward ? [{ cause: 'director-ip-forward-off', because: 'net.ipv4.ip_forward is 1 on the director' }] : []),
  ];
}

function othersAnswer(input: DiagnosisInput, service: VirtualService, realServer: RealServer): boolean {
  return service.destinations.some(
    (other) =>
      other.realServer.name !== realServer.name &&
      (destinationSigns(input, service, other.realServer)?.answers ?? 0) > 0,
  );
}

/** As answers take it: from the RIP, by which rules may choose. */
function routeTo(input: DiagnosisInput, { name, rip }: RealServer, client: Client): RouteDecision | undefined {
  const routes = input.fact(name, 'routes');
  const ways = routes.known ? routes.value.filter(({ destination }) => destination === client.cip) : [];
  return ways.find(({ from }) => from === rip) ?? ways.find(({ from }) => from === undefined);
}

function routeEvidence(input: DiagnosisInput, service: VirtualService, realServer: RealServer): Evidence[] {
  return [...(verdictOn(input, 'real-server/reply-route', realServer.name, service.name)?.evidence ?? [])];
}

function trafficEvidence(input: DiagnosisInput, service: VirtualService): Evidence[] {
  const observed = input.observation(service.name);
  return [
    observed?.samplingEvidence,
    observed?.entriesEvidence,
    observed?.loadEvidence,
    observed?.reachEvidence,
  ].filter((evidence) => evidence !== undefined);
}

function remedyFor(input: DiagnosisInput, service: VirtualService, cause: string, realServer: RealServer): Remedy {
  const checked = verdictOn(input, 'real-server/reply-route', realServer.name, service.name)?.remedy;
  if (checked !== undefined) return checked;
  const dip = input.cluster.directors[0]?.dip ?? 'DIP';
  return {
    host: realServer.name,
    summary:
      cause === 'nat-client-same-subnet'
        ? 'Reach the VIP from a client outside the real servers’ subnet, or route that client through the director.'
        : `Make the director ${dip} the default gateway of ${realServer.name}.`,
    commands: [`ip route replace default via ${dip}`],
  };
}
