/**
 * What became of the packets of one real server's failed probes, by the counter that moved while they were under way: the
 * decision procedure of the fault catalogue, which an operator would follow with tcpdump and nstat from hop to hop. It
 * names a fault by its mechanism, however the fault came about. Pure.
 */
import type { VirtualService } from '../model/cluster.ts';
import type { FaultId } from '../model/fault-id.ts';
import type { EndCounts, EndReading, Probe } from '../model/ends.ts';

export interface Followed {
  readonly service: VirtualService;
  readonly realServer: string;
  /** Every one the director sent to the real server; none was answered. */
  readonly probes: readonly Probe[];
  /** Of the real server and of the director. */
  readonly end: EndReading & { readonly counts: EndCounts };
  readonly director: EndReading;
  /** Absent where it was not read. */
  readonly client?: EndReading;
  /** Next hop of answers, as the real server says it. */
  readonly gateway?: string;
  /** Where that leads: to the director, to another host, or to the client itself; undefined when not known. */
  readonly way?: 'director' | 'elsewhere' | 'on-link';
  /** Whether something listens on the port, and where the packets of the service arrive; undefined when not known. */
  readonly listens?: 'nowhere' | 'elsewhere' | 'here';
}

/** One branch of the procedure: what was asked, and whether it was so. */
export interface Branch {
  readonly cause: FaultId;
  /** It has the fault; absent when the real server has. */
  readonly host?: string;
  readonly so: boolean;
  /** One clause with the figure, for and against alike. */
  readonly seen: string;
  /** The counter counts nothing else. */
  readonly telling?: true;
}

/** The kernel sends ICMP errors at a limited rate (icmp_ratelimit), so not one for each; a single one may be about other traffic. */
const fewestErrors = 2;

/** The branches in the order they are asked; none when the procedure does not know the way the probes failed. */
export function branchesOf(followed: Followed): readonly Branch[] {
  const outcomes = new Set(followed.probes.map(({ outcome }) => outcome));
  if (outcomes.has('refused') || outcomes.has('unreachable')) return refusals(followed);
  return outcomes.size === 1 && outcomes.has('connect-timeout') ? silences(followed) : [];
}

function refusals({ service: { forwarding }, probes, end, realServer, listens }: Followed): readonly Branch[] {
  const { resetsSent = 0, unreachablesSent = 0, unknownProtocols = 0 } = end.counts;
  const errors = `${realServer} sent ${unreachablesSent} ICMP errors (IcmpOutDestUnreachs)`;
  const resets = `${realServer} sent ${resetsSent} RSTs (TcpOutRsts) for ${probes.length} connections`;
  const reset = resetsSent >= probes.length;
  const elsewhere = forwarding !== 'nat' && listens === 'elsewhere';
  const branches: readonly (Branch | undefined)[] = [
    forwarding !== 'tun'
      ? undefined
      : {
          cause: 'tun-ipip-module-missing',
          so: unknownProtocols >= fewestErrors,
          seen: `${realServer} had ${unknownProtocols} packets of a protocol it does not know (IpInUnknownProtos)`,
          telling: true,
        },
    { cause: 'rs-service-not-on-vip', so: reset && elsewhere, seen: `${resets}${where(listens)}` },
    { cause: 'rs-service-down', so: reset && listens !== 'here' && !elsewhere, seen: `${resets}${where(listens)}` },
    // REJECT --reject-with tcp-reset.
    { cause: 'rs-firewall-reject', so: reset && listens === 'here', seen: `${resets}${where(listens)}` },
    // In a tunnel, that there is none for the packet comes as the same error.
    forwarding === 'tun'
      ? undefined
      : { cause: 'rs-firewall-reject', so: unreachablesSent >= fewestErrors, seen: errors },
  ];
  return branches.filter((branch) => branch !== undefined);
}

function where(listens: Followed['listens']): string {
  if (listens === undefined) return '';
  return {
    nowhere: ', and nothing listens there',
    elsewhere: ', and listens on another address',
    here: ', and listens there',
  }[listens];
}

function silences(followed: Followed): readonly Branch[] {
  const { service, realServer, probes, end } = followed;
  const { counts, halfOpen = 0 } = end;
  const { forwarding } = service;
  const least = probes.length;
  const moved = (cause: FaultId, count: number, what: string): Branch => ({
    cause,
    so: count >= least,
    seen: `${realServer} counted ${count} ${what}`,
    telling: true,
  });
  const addressed = forwarding === 'tun' ? 'tun-vip-missing' : 'rs-vip-missing';
  const filtered = forwarding === 'tun' ? 'tun-rp-filter' : 'rs-rp-filter-multihomed';
  const { addressErrors = 0, reversePathDrops = 0, listenOverflows = 0, requestQueueDrops = 0, noRoutes = 0 } = counts;
  const { conntrackDrops = 0 } = counts;
  const direct =
    forwarding === 'nat'
      ? []
      : [
          moved(addressed, addressErrors, 'packets for no address of its own (IpInAddrErrors)'),
          moved(filtered, reversePathDrops, 'packets dropped by the reverse path filter (TcpExtIPReversePathFilter)'),
        ];
  return [
    ...direct,
    moved('rs-conntrack-full', conntrackDrops, 'packets it had no room to track (nf_conntrack drop)'),
    moved(
      'rs-accept-queue-overflow',
      listenOverflows,
      'handshakes its accept queue had no place for (ListenOverflows)',
    ),
    moved('rs-syn-backlog-overflow', requestQueueDrops, 'SYNs beyond its backlog (TCPReqQFullDrop)'),
    moved('rs-no-default-route', noRoutes, 'packets it had no route for (IpOutNoRoutes)'),
    ...lostAnswers(followed, halfOpen >= least || (counts.synRetransmits ?? 0) >= least),
    ...swallowed(followed),
  ];
}

/** The real server answered the SYN, and waits for the handshake to end. */
function lostAnswers(followed: Followed, answered: boolean): readonly Branch[] {
  const { service, realServer, probes, end, director, client, gateway, way } = followed;
  const waits = `${realServer} ${answered ? 'answered' : 'did not answer'}: ${end.halfOpen ?? 0} half-open connections, ${end.counts.synRetransmits ?? 0} SYN-ACKs sent again`;
  const next = way === 'on-link' ? 'the client itself' : gateway;
  const hop = next === undefined ? '' : `; its answers go to ${next}`;
  const atClient = client === undefined ? [] : [takenByClient(client, probes.length, answered)];
  if (service.forwarding !== 'nat') {
    return [
      ...atClient,
      { cause: 'dr-rs-gateway-is-director', so: answered && way === 'director', seen: `${waits}${hop}` },
    ];
  }
  const { addressErrors = 0, reversePathDrops = 0 } = director.counts ?? {};
  const least = probes.length;
  const arrives = answered && way === 'director';
  return [
    ...atClient,
    {
      cause: 'director-ip-forward-off',
      host: director.host,
      so: arrives && addressErrors >= least,
      seen: `${director.host} counted ${addressErrors} packets for no address of its own (IpInAddrErrors)`,
      telling: true,
    },
    {
      cause: 'director-rp-filter',
      host: director.host,
      so: arrives && reversePathDrops >= least,
      seen: `${director.host} counted ${reversePathDrops} packets dropped by the reverse path filter`,
      telling: true,
    },
    { cause: 'nat-client-same-subnet', so: answered && way === 'on-link', seen: `${waits}${hop}` },
    { cause: 'nat-rs-gateway-not-director', so: answered && way === 'elsewhere', seen: `${waits}${hop}` },
    { cause: 'director-forward-drop', host: director.host, so: arrives, seen: `${waits}${hop}` },
  ];
}

/** Answers that reached the client, and that its own packet filter took. */
function takenByClient({ host, counts = {} }: EndReading, least: number, answered: boolean): Branch {
  const gone = goneIn(counts);
  return {
    cause: 'client-firewall',
    host,
    so: answered && gone !== undefined && gone >= least,
    seen: `of ${counts.packetsIn ?? '?'} packets that ${host} received, ${gone ?? '?'} were neither delivered nor counted as an error (IpInReceives, IpInDelivers)`,
    telling: true,
  };
}

/**
 * Packets that a host received and that came to nothing it counts, at least: VRRP adverts and the like, which are for many,
 * are left out whether somebody took them or not. Undefined where it counts too little to tell.
 */
function goneIn(counts: EndCounts): number | undefined {
  const { packetsIn, packetsDelivered, packetsForwarded = 0, packetsForMany = 0 } = counts;
  const { addressErrors = 0, reversePathDrops = 0 } = counts;
  if (packetsIn === undefined || packetsDelivered === undefined) return undefined;
  const accounted = packetsDelivered + packetsForwarded + packetsForMany + addressErrors + reversePathDrops;
  return Math.max(0, packetsIn - accounted);
}

/**
 * Packets that came in and went nowhere, whatever else the host received meanwhile: every packet is delivered, forwarded or
 * counted as an error (net/ipv4/ip_input.c), unless a packet filter takes it. In a tunnel each comes in twice, and it is
 * not to be told which of the two was taken.
 */
function swallowed({ service, realServer, probes, end: { counts } }: Followed): readonly Branch[] {
  const gone = goneIn(counts);
  if (service.forwarding === 'tun' || gone === undefined) return [];
  const { packetsIn = 0, framesIn = 0 } = counts;
  return [
    {
      cause: 'rs-firewall-drop',
      so: gone >= probes.length,
      seen: `of ${packetsIn} packets that ${realServer} received, ${gone} were neither delivered nor counted as an error (IpInReceives, IpInDelivers)`,
    },
    // A filter of tc or XDP takes a frame before IP sees it. Each probe sends its SYN again, ARP adds a frame or two.
    {
      cause: 'rs-firewall-drop',
      so: framesIn - packetsIn >= 2 * probes.length,
      seen: `${realServer}'s interfaces received ${framesIn} frames, of which IP saw ${packetsIn} packets: something takes them before (\`tc filter show dev INTERFACE ingress\`, XDP)`,
    },
  ];
}
