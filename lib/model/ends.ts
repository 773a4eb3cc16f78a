/** What the hosts at both ends of connections counted, and what became of single ones. */
import type { ConnectionErrorKind, RequestOutcome } from './load-result.ts';
import type { ConnectionEntry } from './sampling.ts';

/** The director's own attempt at one destination, around IPVS, while the service was failing or after it. */
export interface DirectorReach {
  readonly destination: string;
  readonly realServer: string;
  readonly outcome: 'answered' | 'refused' | 'timeout' | 'unreachable' | 'failed';
  readonly detail: string;
}

/**
 * What the kernel of one end counted from before the first connection until after the last: all its traffic, of other
 * services, health checks and logins too. Each is absent where the kernel does not tell. Names: RFC 4022, RFC 4293, snmp.c.
 */
export interface EndCounts {
  /** Connections it began (Tcp ActiveOpens). */
  readonly begun?: number;
  /** Handshakes that listeners completed (Tcp PassiveOpens). */
  readonly accepted?: number;
  /** RSTs it sent (Tcp OutRsts). */
  readonly resetsSent?: number;
  /** SYNs and SYN-ACKs it sent again (TcpExt TCPSynRetrans). */
  readonly synRetransmits?: number;
  /** Segments it sent again, those among them (Tcp RetransSegs). */
  readonly retransmits?: number;
  /** Handshakes dropped because the accept queue was full (TcpExt ListenOverflows). */
  readonly listenOverflows?: number;
  /** Dropped at a listener for any reason, those among them (TcpExt ListenDrops). */
  readonly listenDrops?: number;
  /** SYNs dropped because too many handshakes were under way (TcpExt TCPReqQFullDrop). */
  readonly requestQueueDrops?: number;
  /** Segments with a wrong checksum (Tcp InCsumErrors). */
  readonly checksumErrors?: number;
  /** Packets that came in (Ip and Ip6 InReceives). */
  readonly packetsIn?: number;
  /** Of these, handed to TCP, UDP and the like (InDelivers). */
  readonly packetsDelivered?: number;
  /** Of these, sent on (ForwDatagrams, OutForwDatagrams). */
  readonly packetsForwarded?: number;
  /** Dropped by the reverse path filter (TcpExt IPReversePathFilter). */
  readonly reversePathDrops?: number;
  /** Dropped because they were for no address of the host, and it does not forward (Ip and Ip6 InAddrErrors). */
  readonly addressErrors?: number;
  /** Dropped because no socket or module takes their protocol (InUnknownProtos). */
  readonly unknownProtocols?: number;
  /** Not sent because no route leads there (OutNoRoutes). */
  readonly noRoutes?: number;
  /** ICMP errors sent that say a destination cannot be reached, by a packet filter's REJECT too (OutDestUnreachs). */
  readonly unreachablesSent?: number;
  /** Packets it made itself that got past its filter of outgoing ones (OutTransmits; OutRequests before Linux 6.7). */
  readonly packetsOut?: number;
  /** TCP segments it made, those sent again left out (Tcp OutSegs); counted before any filter. */
  readonly segmentsOut?: number;
  /**
   * Of `packetsIn`, those for many: multicast and broadcast (IpExt InMcastPkts and InBcastPkts, Ip6InMcastPkts). One that is for a
   * group that nobody here is in comes to nothing, and is counted nowhere else.
   */
  readonly packetsForMany?: number;
  /** Frames its interfaces received, lo's too, before anything could drop them (/proc/net/dev). */
  readonly framesIn?: number;
  /** Packets dropped because the table of tracked connections was full (/proc/net/stat/nf_conntrack `drop`). */
  readonly conntrackDrops?: number;
  /** Datagrams that a socket took (Udp and Udp6 InDatagrams). */
  readonly datagrams?: number;
  /** Datagrams for a port that nobody listens on (NoPorts). */
  readonly datagramsUnheard?: number;
  /** Datagrams dropped because the socket's buffer was full (RcvbufErrors). */
  readonly datagramsDropped?: number;
}

export interface EndReading {
  readonly host: string;
  readonly role: 'client' | 'real-server' | 'director';
  /** Absent where they could not be read, or do not add up: `problem` says why. */
  readonly counts?: EndCounts;
  /** After the load: TCP sockets half open on the listening side (SYN_RECV), and in TIME_WAIT. */
  readonly halfOpen?: number;
  readonly timeWait?: number;
  readonly problem?: string;
}

/** The entry of a request that failed. */
export interface FailedEntry extends ConnectionEntry {
  readonly kind: ConnectionErrorKind;
}

/** A request of an experiment, and its entry in the director's table right after it. */
export interface Probe extends RequestOutcome {
  /** Absent when the table has none for its address and port. */
  readonly entry?: Pick<ConnectionEntry, 'destination' | 'state' | 'expiresS'>;
}

/** A few connections through the VIP, each followed, and what every host on their way counted meanwhile. */
export interface Probing {
  readonly service: string;
  readonly director: string;
  readonly client: string;
  readonly probes: readonly Probe[];
  /** Why no probe has an entry: the table could not be read. */
  readonly entriesProblem?: string;
  readonly ends: readonly EndReading[];
}

/** Requests that do not fit into one packet, made right after the load, and followed as those of an experiment. */
export interface LargeRequests extends Probing {
  /** Of their padding. */
  readonly bytes: number;
}
