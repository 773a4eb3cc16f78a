/** What load through one virtual service came to. Times are ms; `atMs` counts from the first connection. */
import type { LargeRequests } from './ends.ts';

/** Why a connection or its request counts as failed. */
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
