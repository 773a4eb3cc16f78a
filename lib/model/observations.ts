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

export interface LoadResult {
  readonly service: string;
  readonly profile: string;
  readonly engine: 'connection' | 'autocannon';
  /** Host the load came from, and its address. */
  readonly client: string;
  readonly source: string;
  readonly url: string;
  /** ISO 8601, this machine's clock. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly requested: number;
  /** Requests begun. `requested - sent` were never tried. */
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
  /** TCP connections begun; equals `sent` for the connection engine. */
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
  readonly connect?: LatencySummary;
  readonly total?: LatencySummary;
  /** One row a second of the run. */
  readonly timeline: readonly { readonly atMs: number; readonly answered: number; readonly failed: number }[];
  /** Why it ended before all requests were sent. */
  readonly stopped?: 'time-limit' | 'failures' | 'interrupted';
  /** Whether the generator itself may have been the limit, and by what. */
  readonly generator: { readonly cpuShare: number; readonly eventLoopDelayP99Ms: number };
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

export interface Sampling {
  readonly service: string;
  /** Director that was sampled. */
  readonly host: string;
  readonly intervalMs: number;
  readonly samples: readonly TableSample[];
  /** Time without samples; never interpolated. */
  readonly gaps: readonly { readonly fromMs: number; readonly toMs: number; readonly reason: string }[];
  /** Time spent reading the table over the time sampled, 0 to 1. */
  readonly costShare: number;
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

/** Observations a check can require besides host facts; they belong to the subject's service. */
export interface Observations {
  readonly load: LoadResult;
  readonly sampling: Sampling;
  readonly distribution: Distribution;
}

/** How connections fell on the real servers, against what the scheduler promises. */
export interface Distribution {
  readonly service: string;
  readonly scheduler: string;
  /** What was counted: the director's counters, or answers the client attributed. */
  readonly basis: 'director-counters' | 'client-answers';
  readonly expected: Readonly<Record<string, number>>;
  readonly observed: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
  /** Chi-square goodness of fit; absent when the sample is too small. */
  readonly pValue?: number;
  readonly chiSquare?: number;
  /** Largest |observed - expected| share. */
  readonly largestDeviation: number;
  readonly n: number;
  readonly outcome: 'pass' | 'fail' | 'error';
  /** One sentence: why it is so, or what limits the conclusion. */
  readonly reason: string;
}
