/** The real servers whose probes all failed, with what is known of their packets' way. Pure. */
import type { Destination, VirtualService } from '../model/cluster.ts';
import { endpoint } from '../model/endpoint.ts';
import { bareAddress, isWildcard } from '../model/listener.ts';
import type { Probing } from '../model/ends.ts';
import { hangingServers } from './hanging.ts';
import type { DiagnosisInput } from './input.ts';
import { lostRequests } from './lost-requests.ts';
import { branchesOf, type Followed } from './mechanism.ts';
import { probesTo } from './seen.ts';

/** One lost connection may be chance. */
const fewest = 2;

export function followedServers(input: DiagnosisInput): readonly Followed[] {
  return input.cluster.virtualServices.flatMap((service) =>
    service.destinations.flatMap((destination) => followedTo(input, service, destination) ?? []),
  );
}

/** A clause: how the probes ended, and where their entries were. */
export function fateOf({ realServer, probes, director }: Followed): string {
  const outcomes = [...new Set(probes.map(({ outcome }) => outcome))].join(' or ');
  const states = [...new Set(probes.map(({ entry }) => entry?.state ?? '?'))].join(' or ');
  return `${probes.length} of ${probes.length} probes that ${director.host} sent to ${realServer} ended in ${outcomes}, their entries in ${states}`;
}

/** Those of which no counter told what became of them, a sentence each. */
export function unnamedFates(input: DiagnosisInput): readonly string[] {
  return [...unnamedServers(input), ...unnamedRequests(input), ...unnamedSizes(input)];
}

/** Asked only where something was left without a cause. */
function unnamedSizes(input: DiagnosisInput): readonly string[] {
  return hangingServers(input).map(
    ({ fate }) =>
      `${fate}: look for a link, a tunnel or a switch on the way that takes less than 1500 bytes (\`ping -M do -s 1472\` from hop to hop), and for a filter that takes ICMP`,
  );
}

function unnamedRequests(input: DiagnosisInput): readonly string[] {
  return lostRequests(input)
    .filter(({ branches }) => !branches.some(({ so }) => so))
    .map(
      ({ fate }) =>
        `${fate}: look at what is between the client and the director's IPVS (who answers ARP for the VIP, packet filters of both and of what lies between)`,
    );
}

function unnamedServers(input: DiagnosisInput): readonly string[] {
  return followedServers(input).flatMap((followed) => {
    const branches = branchesOf(followed);
    if (branches.some(({ so }) => so)) return [];
    // Where there is no procedure for the way they failed, no counter was held against it.
    if (branches.length === 0) return [fateOf(followed)];
    return [
      `${fateOf(followed)}, and no counter of ${followed.realServer} moved with them: look at what is between the two (packet capture on both sides, neighbour entry, bridge, filters below IP)`,
    ];
  });
}

function followedTo(input: DiagnosisInput, service: VirtualService, destination: Destination): Followed | undefined {
  const observed = input.observation(service.name);
  const experiment = observed?.probing;
  if (observed === undefined || experiment === undefined) return undefined;
  const { realServer, port } = destination;
  const probes = probesTo(observed, endpoint(realServer.rip, port));
  const end = experiment.ends.find(({ host }) => host === realServer.name);
  const director = experiment.ends.find(({ host, role }) => role === 'director' && host === experiment.director);
  const client = experiment.ends.find(({ host, role }) => role === 'client' && host === experiment.client);
  if (probes.length < fewest || probes.some(({ outcome }) => outcome === 'answered')) return undefined;
  if (end?.counts === undefined || director === undefined) return undefined;
  const listens = listening(input, service, destination);
  return {
    service,
    realServer: realServer.name,
    probes,
    end: { ...end, counts: end.counts },
    director,
    ...(client === undefined ? {} : { client }),
    ...wayBack(input, service, destination, experiment),
    ...(listens === undefined ? {} : { listens }),
  };
}

/** With DR and TUN answers are sent from the VIP, which policy routing may send another way than the rest. */
function wayBack(
  input: DiagnosisInput,
  { vip, forwarding }: VirtualService,
  { realServer }: Destination,
  { client, director }: Probing,
): Pick<Followed, 'gateway' | 'way'> {
  const cip = input.cluster.clients.find(({ name }) => name === client)?.cip;
  const routes = input.fact(realServer.name, 'routes');
  const toClient = routes.known ? routes.value.filter(({ destination }) => destination === cip) : [];
  const route =
    (forwarding === 'nat' ? undefined : toClient.find(({ from }) => from === vip)) ??
    toClient.find(({ from }) => from === undefined || from === realServer.rip);
  if (route?.outcome !== 'unicast') return {};
  const { gateway } = route;
  if (gateway === undefined) return { way: 'on-link' };
  return { gateway, way: addressesOf(input, director).has(gateway) ? 'director' : 'elsewhere' };
}

/** Its DIP, and what else it says it has: a gateway may be an address that moves with the VIP. */
function addressesOf(input: DiagnosisInput, director: string): ReadonlySet<string> {
  const addresses = input.fact(director, 'addresses');
  const dip = input.cluster.directors.find(({ name }) => name === director)?.dip;
  return new Set([
    ...(dip === undefined ? [] : [dip]),
    ...(addresses.known ? addresses.value.map(({ address }) => address) : []),
  ]);
}

function listening(
  input: DiagnosisInput,
  { vip, forwarding }: VirtualService,
  { realServer, port }: Destination,
): Followed['listens'] {
  const listeners = input.fact(realServer.name, 'listeners');
  if (!listeners.known) return undefined;
  const there = listeners.value.filter((listener) => listener.protocol === undefined && listener.port === port);
  if (there.length === 0) return 'nowhere';
  const wanted = forwarding === 'nat' ? realServer.rip : vip;
  return there.some((one) => isWildcard(one) || bareAddress(one) === wanted) ? 'here' : 'elsewhere';
}
