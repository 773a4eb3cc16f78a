/**
 * What the director sent each real server against what that one's kernel says it got, and where the rest was lost.
 * Kernel counters are of the whole host: connections of other services, health checks and logins are in them. Those can
 * hide a gap of their own number; none can make one.
 */
import { endpoint } from './address.ts';
import { counted } from './sentences.ts';
import type { VirtualService } from '../lib/model/cluster.ts';
import type { EndCounts, EndReading } from '../lib/model/ends.ts';
import type { Sampling } from '../lib/model/sampling.ts';

export interface Leg {
  readonly realServer: string;
  /** Connections the director scheduled to it; with UDP, packets. */
  readonly sent: number;
  /** Handshakes its listeners completed; with UDP, datagrams that came to its UDP. */
  readonly got: number;
  /** How far apart the two may be, with what makes it so. */
  readonly tolerance: number;
  /** Absent where there is no gap. */
  readonly gap?: { readonly lost: number; readonly where: Loss; readonly text: string };
}

/**
 * `before`: between director and real server. `filter`, `reverse-path`, `checksum`: on the real server, below TCP.
 * `refused`: nobody listens there. `queue`: its listener was full. `way-back`: its answers were not heard.
 */
export type Loss =
  'before' | 'filter' | 'reverse-path' | 'address' | 'checksum' | 'refused' | 'queue' | 'way-back' | 'unknown';

/** The kernel refreshes the director's counters every 2 s (ip_vs_est.c): what came just before is in the difference. */
const staleS = 2.5;

export interface Triangle {
  readonly service: VirtualService;
  readonly director: string;
  /** Connections the client began. */
  readonly client: number;
  readonly durationMs: number;
  readonly sampling: Sampling;
  readonly ends: readonly EndReading[];
}

/** One for each real server whose counts are known. */
export function legsOf(triangle: Triangle): readonly Leg[] {
  const { service, sampling, ends, client, durationMs } = triangle;
  const names = [...new Set(service.destinations.map(({ realServer }) => realServer.name))];
  const udp = service.protocol === 'udp';
  const sentTo = (name: string) =>
    service.destinations
      .filter(({ realServer }) => realServer.name === name)
      .reduce((sum, { realServer, port }) => {
        const row = sampling.counters.find(({ destination }) => destination === endpoint(realServer.rip, port));
        return sum + (udp ? (row?.inPackets ?? 0) : (row?.connections ?? 0));
      }, 0);
  const all = names.reduce((sum, name) => sum + sentTo(name), 0);
  const share = Math.min(1, staleS / Math.max(0.001, durationMs / 1000));
  return names.flatMap((realServer): readonly Leg[] => {
    const end = ends.find(({ host, role }) => host === realServer && role === 'real-server');
    const got = end?.counts === undefined ? undefined : arrived(end.counts, udp);
    if (end?.counts === undefined || got === undefined) return [];
    const sent = sentTo(realServer);
    const foreign = udp || all <= client ? 0 : Math.ceil(((all - client) * share * sent) / Math.max(1, all));
    const tolerance = Math.max(2, Math.ceil(sent / 100)) + foreign;
    const lost = sent - got;
    if (lost <= tolerance) return [{ realServer, sent, got, tolerance }];
    const where = udp ? belowTransport(end.counts, lost - tolerance) : loss(end, lost - tolerance);
    return [
      {
        realServer,
        sent,
        got,
        tolerance,
        gap: { lost, where, text: textOf(triangle, end, { sent, got, lost, where }) },
      },
    ];
  });
}

function arrived(counts: EndCounts, udp: boolean): number | undefined {
  if (!udp) return counts.accepted;
  const { datagrams, datagramsUnheard = 0, datagramsDropped = 0 } = counts;
  return datagrams === undefined ? undefined : datagrams + datagramsUnheard + datagramsDropped;
}

/** The first that accounts for the gap; a lost SYN is at least one packet, and so is each answer to it. */
function loss({ counts = {}, halfOpen = 0 }: EndReading, least: number): Loss {
  const { resetsSent, listenDrops, listenOverflows, requestQueueDrops, synRetransmits } = counts;
  const queued = (listenDrops ?? listenOverflows ?? 0) + (requestQueueDrops ?? 0);
  if (queued >= least) return 'queue';
  if ((resetsSent ?? 0) >= least) return 'refused';
  if (Math.max(synRetransmits ?? 0, halfOpen) >= least) return 'way-back';
  return belowTransport(counts, least);
}

function belowTransport(counts: EndCounts, least: number): Loss {
  const { packetsIn, packetsDelivered, checksumErrors = 0 } = counts;
  const { reversePathDrops = 0, addressErrors = 0 } = counts;
  if (checksumErrors >= least) return 'checksum';
  if (packetsIn === undefined || packetsDelivered === undefined) return 'unknown';
  if (undeliveredOf(counts) < least) return 'before';
  if (addressErrors >= least) return 'address';
  return reversePathDrops >= least ? 'reverse-path' : 'filter';
}

function textOf(
  { service, director }: Triangle,
  { host, counts = {}, halfOpen = 0 }: EndReading,
  { sent, got, lost, where }: { sent: number; got: number; lost: number; where: Loss },
): string {
  const udp = service.protocol === 'udp';
  const what = udp
    ? `${director} sent ${counted(sent, 'packet')} to ${host}, and ${host} took ${got}`
    : `${director} sent ${host} the SYNs of ${counted(sent, 'connection')}, and ${host} completed ${counted(got, 'handshake')}`;
  return `${what}: ${lost} ${places[where]({ director, host, counts, halfOpen, undelivered: undeliveredOf(counts) })}`;
}

/** Those for many apart, whether somebody took them or not. */
function undeliveredOf({ packetsIn = 0, packetsDelivered = 0, packetsForwarded = 0, packetsForMany = 0 }: EndCounts) {
  return packetsIn - packetsDelivered - packetsForwarded - packetsForMany;
}

interface Signs {
  readonly director: string;
  readonly host: string;
  readonly counts: EndCounts;
  readonly halfOpen: number;
  readonly undelivered: number;
}

const places: Readonly<Record<Loss, (signs: Signs) => string>> = {
  before: ({ director, host }) => `lost between ${director} and ${host}`,
  filter: ({ host, undelivered }) =>
    `lost on ${host} itself: ${counted(undelivered, 'packet')} came in and never reached TCP or UDP, as a packet filter makes it`,
  'reverse-path': ({ host, counts }) =>
    `lost on ${host} itself: its reverse path filter dropped ${counted(counts.reversePathDrops ?? 0, 'packet')}`,
  address: ({ host, counts }) =>
    `lost on ${host} itself: ${counted(counts.addressErrors ?? 0, 'packet')} were for no address of its own (IpInAddrErrors)`,
  checksum: ({ host, counts }) =>
    `lost on the way to ${host}: ${counted(counts.checksumErrors ?? 0, 'segment')} came with a wrong checksum`,
  refused: ({ host, counts }) => `refused by ${host}, which sent ${counted(counts.resetsSent ?? 0, 'RST')}`,
  queue: ({ host, counts }) =>
    `dropped by the listener on ${host}, which was full (ListenDrops ${counts.listenDrops ?? 0}, ListenOverflows ${counts.listenOverflows ?? 0}, TCPReqQFullDrop ${counts.requestQueueDrops ?? 0})`,
  'way-back': ({ host, counts, halfOpen }) =>
    `got as far as ${host}, whose SYN-ACKs nobody acknowledged (sent again ${counts.synRetransmits ?? 0}, half open ${halfOpen}): lost on the way back`,
  unknown: ({ director, host }) => `lost between ${director} and the TCP of ${host}`,
};
