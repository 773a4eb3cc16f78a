/** What the director's connection table and counters showed of one virtual service. Times are ms; `atMs` counts from the first connection. */

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
