/** What the load and the sampler saw of one virtual service. Times are ms; `atMs` counts from the first connection. */

export type ConnectionErrorKind =
  | 'refused'
  | 'reset'
  /** No SYN-ACK in time (ETIMEDOUT or our own deadline before the handshake was complete). */
  | 'connect-timeout'
  /** The handshake was complete, the response was not, in time. */
  | 'response-timeout'
  | 'unreachable'
  /** This machine had no free source port (EADDRNOTAVAIL) or descriptor (EMFILE). */
  | 'no-resource'
  | 'short-read'
  | 'bad-status'
  /** A whole answer whose body does not match what the service must say. */
  | 'bad-body'
  | 'other';

/** Percentiles of one latency, from an HDR histogram with three significant digits. */
export interface LatencySummary {
  readonly count: number;
  readonly minMs: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** [percent, ms] of further ones. Absent before 0.2. */
  readonly percentiles?: readonly (readonly [number, number])[];
  /** Standard deviation. Absent before 0.2. */
  readonly deviationMs?: number;
  /** [upper edge in ms, values at or below it since the previous edge], for drawing. */
  readonly buckets: readonly (readonly [number, number])[];
}

export interface FailedConnection {
  readonly kind: ConnectionErrorKind;
  /** Source port, the key to the connection's row in the director's table; 0 when it never had one. */
  readonly localPort: number;
  readonly atMs: number;
  readonly message: string;
}

/** How one request ended. */
export interface RequestOutcome {
  /** Of its connection: the key to its row in the director's table. Port 0 when it never had one. */
  readonly sourceAddress: string;
  readonly localPort: number;
  readonly outcome: 'answered' | ConnectionErrorKind;
  /** From its beginning to its end. */
  readonly tookMs: number;
  /** What the answer named. */
  readonly realServer?: string;
  /** Of a failure. */
  readonly message?: string;
}

export interface LoadResult {
  readonly service: string;
  readonly profile: string;
  readonly engine: 'connection' | 'autocannon';
  /** Host the load came from, and its address. */
  readonly client: string;
  readonly source: string;
  /** All source addresses, where connections took several in turn; `source` is the first of them. */
  readonly sources?: readonly string[];
  /** `http`, `https`, `tcp`, `tls` or `udp` is its scheme. */
  readonly url: string;
  /** ISO 8601, this machine's clock. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly requested: number;
  /** Requests begun. `requested - sent` were never tried. */
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
  /** TCP connections (UDP sockets) begun; equals `sent` for the connection engine with one request per connection. */
  readonly connections: number;
  /** Of these, from a source port that another one had within 120 s before. Absent when there was none, or no count. */
  readonly portsReused?: number;
  readonly rateRps: number;
  readonly errors: {
    /** failed / sent, 0 to 1. */
    readonly rate: number;
    readonly byKind: Readonly<Partial<Record<ConnectionErrorKind, number>>>;
    /** The first of them, at most 100. */
    readonly examples: readonly FailedConnection[];
  };
  /** Answers by the name the real server gave of itself. */
  readonly answersByRealServer: Readonly<Record<string, number>>;
  /** Answers that named no real server. */
  readonly unattributed: number;
  /** From connect(2) to the end of the handshake (with TLS: of the TCP handshake). */
  readonly connect?: LatencySummary;
  /** From connect(2) to the end of the TLS handshake. */
  readonly secured?: LatencySummary;
  /** From when the request was really begun to the first byte of its answer. */
  readonly firstByte?: LatencySummary;
  /** From when the request was really begun to the last byte of its answer. */
  readonly total?: LatencySummary;
  /**
   * Open loop: from when the request should have begun to the last byte of its answer. A wait for a place or for the
   * generator itself is in it, so that a service that stands still cannot hide it (coordinated omission).
   */
  readonly corrected?: LatencySummary;
  readonly openLoop?: OpenLoopResult;
  /** Absent for UDP and for keep-alive. */
  readonly synRetransmits?: SynRetransmits;
  /** One row a second of the run. */
  readonly timeline: readonly LoadSecond[];
  /** Why it ended before all requests were sent. */
  readonly stopped?: 'time-limit' | 'failures' | 'interrupted' | 'threshold';
  /** Of `threshold`: the one that ended it, and the figure at that moment. */
  readonly abortedBy?: { readonly metric: string; readonly value: number };
  /** The figures are what the run was for (`ipvet load`). */
  readonly measured?: true;
  readonly capacity?: CapacityResult;
  readonly control?: ControlResult;
  /** Absent where no small request was answered, and for what is not HTTP. */
  readonly large?: LargeRequests;
  /** Whether the generator itself may have been the limit, and by what. */
  readonly generator: GeneratorFigures;
}

export interface LoadSecond {
  readonly atMs: number;
  readonly answered: number;
  readonly failed: number;
  /**
   * Of the whole answers of this second, to 2 %; of an open loop corrected. Absent where there was none, and before 0.2.
   */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

/** A search for the highest rate at which the service stays within bounds. */
export interface CapacityResult {
  /** Highest rate that held, requests a second; absent when none did. */
  readonly rateRps?: number;
  /** What ended it: `ceiling` and `steps` are the search's own ends, and then the capacity is at least that rate. */
  readonly limitedBy: 'cluster' | 'real-server' | 'generator' | 'ceiling' | 'steps' | 'interrupted';
  readonly realServer?: string;
  /** One sentence. */
  readonly reason: string;
  readonly steps: readonly CapacityStep[];
}

/** One rate, held for a while. */
export interface CapacityStep {
  readonly rateRps: number;
  /** Requests begun a second. */
  readonly achievedRps: number;
  readonly answered: number;
  readonly failed: number;
  /** Begun late, as a share of all. */
  readonly lateRate: number;
  /** 99th percentile of the corrected latency. */
  readonly p99Ms?: number;
  readonly held: boolean;
  /** What was out of bounds, one phrase each. */
  readonly crossed: readonly string[];
}

/** The same small closed-loop load to the VIP and, around the director, to each real server. */
export interface ControlResult {
  readonly requests: number;
  readonly concurrency: number;
  readonly runs: readonly ControlRun[];
}

export interface ControlRun {
  /** Absent for the VIP. */
  readonly realServer?: string;
  readonly url: string;
  readonly answered: number;
  readonly failed: number;
  readonly connect?: LatencySummary;
  readonly total?: LatencySummary;
  /** Why there is nothing to compare: not reachable from the client. */
  readonly problem?: string;
}

/** What an open loop offered, and what became of it. Rates are requests a second. */
export interface OpenLoopResult {
  readonly arrivals: 'constant' | 'poisson';
  /** What the random arrivals were made from: the same seed makes the same arrivals. */
  readonly seed?: number;
  /** Requests whose time came, over the time the schedule ran. */
  readonly offeredRps: number;
  /** Requests begun, over the time until the last of them was. */
  readonly achievedRps: number;
  /** Requests begun more than `lateAfterMs` after their time: no place was free, or the generator was too slow. */
  readonly lateSends: number;
  readonly lateAfterMs: number;
  /** Of the late ones, those that waited because all places were taken. */
  readonly waitedForPlace: number;
  /** How late requests began. */
  readonly lateness?: LatencySummary;
  readonly stages: readonly StageResult[];
}

/** Requests belong to the stage in which they should have begun. */
export interface StageResult {
  readonly fromRps: number;
  readonly toRps: number;
  /** Where it began, and how long it was. */
  readonly atMs: number;
  readonly durationMs: number;
  readonly offered: number;
  readonly answered: number;
  readonly failed: number;
  readonly lateSends: number;
  readonly total?: LatencySummary;
  readonly corrected?: LatencySummary;
}

/**
 * Handshakes that took as long as the client's kernel waits before it sends a lost SYN again. A SYN-ACK that is lost
 * looks the same from here.
 */
export interface SynRetransmits {
  /** Connections by the second after connect(2) at which the SYN went out that was answered: 1, 3 and 7, or 1, 2, 3 … (`tcp_syn_linear_timeouts`, Linux 6.5). */
  readonly handshakes: readonly { readonly afterS: number; readonly connections: number }[];
  /** SYNs the kernel of the client sent again meanwhile, those of failed connections and other programs too (TcpExt TCPSynRetrans). Absent where it does not say. */
  readonly kernelCount?: number;
}

/** Whether the generator itself was the limit. */
export interface GeneratorFigures {
  /** CPU of the whole process as a share of one core: 2 is two cores. */
  readonly cpuShare: number;
  /** The worst thread's: how late a timer fired, 99th percentile. */
  readonly eventLoopDelayP99Ms: number;
  /** Each thread that made connections; `cpuShare` of one core. Absent for keep-alive. */
  readonly threads?: readonly { readonly cpuShare: number; readonly eventLoopDelayP99Ms: number }[];
  readonly descriptors?: {
    /** RLIMIT_NOFILE, soft. */
    readonly limit: number;
    /** Most connections open at once. */
    readonly mostOpen: number;
  };
  /** Source ports of the client; Linux only. */
  readonly ports?: {
    /** Ephemeral ports of one source address (ip_local_port_range). */
    readonly perSource: number;
    readonly sources: number;
    /** Sockets of the client's network namespace in TIME_WAIT, the most seen (/proc/net/sockstat). */
    readonly timeWaitMost: number;
  };
}

/** Entries of the connection table of one destination in one state. Persistence templates are not counted. */
export interface TableCount {
  /** Address and port of the destination as the table has them: `10.10.10.20:80`. */
  readonly destination: string;
  /** As the kernel names it: SYN_RECV, ESTABLISHED, TIME_WAIT, …, or UDP. */
  readonly state: string;
  readonly entries: number;
  /** Of these, how many are SYN_RECV older than 3 s (their timer, 60 s at the SYN, is at 57 or below): ip_vs_proto_tcp.c */
  readonly stuck: number;
}

export interface TableSample {
  readonly atMs: number;
  readonly counts: readonly TableCount[];
  /** Entries read, of all services. */
  readonly entries: number;
  /** Time the director spent reading the table for this sample. */
  readonly costMs: number;
}

/** One row of the connection table: a client's connection, keyed by its source port. */
export interface ConnectionEntry {
  readonly clientAddress: string;
  readonly clientPort: number;
  /** As in `TableCount`. */
  readonly destination: string;
  readonly state: string;
  /** Seconds until the entry goes; every packet of the connection that the director sees sets it back to the state's timeout. */
  readonly expiresS: number;
}

/** Per-destination counters of `ipvsadm -Ln --stats --exact`; deltas when named so. */
export interface DestinationCounters {
  readonly destination: string;
  readonly connections: number;
  readonly inPackets: number;
  readonly outPackets: number;
  readonly inBytes: number;
  readonly outBytes: number;
}

/** What the director counted of all services together. */
export interface TableTotals {
  readonly connections: number;
  readonly inPackets: number;
  readonly outPackets: number;
  readonly inBytes: number;
  readonly outBytes: number;
}

/**
 * What the kernel keeps count of and tells at little cost, however large the table is: active and inactive entries of
 * each destination (/proc/net/ip_vs) and what the director counted in all (/proc/net/ip_vs_stats_percpu).
 */
export interface Levels {
  /** Median time from one to the next. */
  readonly intervalMs: number;
  readonly destinations: readonly string[];
  /** `[atMs, active, inactive, active, inactive, …]`, in the order of `destinations`; null where one was not listed. */
  readonly rows: readonly (readonly (number | null)[])[];
  /** `[atMs, connections, inPackets, outPackets, inBytes, outBytes]`, counted from the first; from 0 again after a restart. */
  readonly totals: readonly (readonly number[])[];
}

/** Connections that stayed in SYN_RECV while their SYN came again (or, with NAT, the real server's SYN-ACK). At least so many. */
export interface Resent {
  readonly destination: string;
  readonly connections: number;
  readonly packets: number;
}

/**
 * Why the table was not read as a whole: that would cost more than the budget allows. Its first rows were read in its
 * place; their order is by a hash of the client's address and port, so they are a sample of the whole.
 */
export interface PartlyRead {
  /** Active and inactive entries of all services, the most there were. */
  readonly entries: number;
  /** CPU time that reading all of them would take, as far as the parts tell. */
  readonly wholeCostMs: number;
  /** `entries` of these are the rows read. */
  readonly samples: readonly (TableSample & { readonly of: number })[];
}

export interface Sampling {
  readonly service: string;
  /** Director that was sampled. */
  readonly host: string;
  /** Time from one sample to the next that was asked for; `resolutionMs` is what came of it. */
  readonly intervalMs: number;
  readonly samples: readonly TableSample[];
  /** Time without samples; never interpolated. */
  readonly gaps: readonly { readonly fromMs: number; readonly toMs: number; readonly reason: string }[];
  /** CPU time the director spent on being sampled over the time sampled, 0 to 1. */
  readonly costShare: number;
  /** The share of one CPU that it had to keep to. */
  readonly budgetShare?: number;
  /** Median and longest time from one sample to the next, gaps apart; absent with less than two samples. */
  readonly resolutionMs?: { readonly median: number; readonly longest: number };
  readonly levels?: Levels;
  /** Only where it was seen. */
  readonly resent?: readonly Resent[];
  /** The most entries of the service that came from a peer by synchronisation; they are in no sample. */
  readonly synced?: number;
  /** When the director was seen to have been started anew. */
  readonly restartsMs?: readonly number[];
  readonly partlyRead?: PartlyRead;
  /** Counter deltas from before the first connection until at least 2.2 s after the last (the kernel refreshes them every 2 s). */
  readonly counters: readonly DestinationCounters[];
  /**
   * With DR and TUN: connections that went on in the entry of an earlier one from the same client port, as far as samples
   * show it. The director sends them where that one went, and does not count them as connections.
   */
  readonly reused?: number;
  /** Why `counters` is empty or cannot be trusted: ipvsadm failed, somebody zeroed them, the kernel does not refresh them. */
  readonly countersProblem?: string;
}

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
  /** Frames its network interfaces received, before anything could drop them (/proc/net/dev). */
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

/** Observations a check can require besides host facts; they belong to the subject's service. */
export interface Observations {
  readonly load: LoadResult;
  readonly sampling: Sampling;
  /** The client's, and each real server's of the service; hosts that the run was limited not to ask are absent. */
  readonly ends: readonly EndReading[];
  readonly distribution: Distribution;
}

/**
 * `exact`: the counts follow from one another; `by-hash`: the destination of each client is computed; `monte-carlo`: the
 * load is simulated; `chi-square`: each connection or client is a trial of its own; `untestable`: nothing could be judged.
 */
export type DistributionMethod = 'exact' | 'chi-square' | 'monte-carlo' | 'by-hash' | 'untestable';

/** How connections fell on the real servers, against what the scheduler promises. */
export interface Distribution {
  readonly service: string;
  readonly scheduler: string;
  /** What was counted: the director's counters, or answers the client attributed. */
  readonly basis: 'director-counters' | 'client-answers';
  readonly expected: Readonly<Record<string, number>>;
  readonly observed: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
  /** How it was judged; absent in records of before. */
  readonly method?: DistributionMethod;
  /** Lowest and highest share that the scheduler may have given each destination over so many connections. */
  readonly bounds?: Readonly<Record<string, readonly [number, number]>>;
  /** Within which the share of each destination lies that these connections are a sample of (Wilson); with chi-square alone. */
  readonly confidence?: Readonly<Record<string, readonly [number, number]>>;
  /** How often counts at least this uneven come up when the expected shares are true; absent when the sample is too small. */
  readonly pValue?: number;
  readonly chiSquare?: number;
  /** Largest |observed - expected| share. */
  readonly largestDeviation: number;
  /** Cohen's w: 0.1 is small, 0.3 medium, 0.5 large. */
  readonly effectSize?: number;
  /** Connections. */
  readonly n: number;
  /** What was counted, how many there were, and how many it takes to find one real server at half its weight. */
  readonly sample?: { readonly unit: 'connection' | 'source-address'; readonly size: number; readonly needed?: number };
  /** What else limits the conclusion, a clause each. */
  readonly limits?: readonly string[];
  readonly outcome: 'pass' | 'fail' | 'error';
  /** One sentence: why it is so, or what limits the conclusion. */
  readonly reason: string;
}
