/**
 * A drill: one part of the cluster taken out of service on purpose, and what clients noticed of it. Times are ms; `atMs`
 * counts from the moment the step was asked for.
 */
import type { ConnectionErrorKind } from './load-result.ts';

export const scenarioNames = [
  'stop-keepalived',
  'failback',
  'kill-keepalived',
  'director-link-down',
  'director-power-off',
  'vrrp-partition',
  'keepalived-reload',
  'real-server-down',
  'real-server-drained',
  'all-real-servers-down',
] as const;

export type ScenarioName = (typeof scenarioNames)[number];

/** A connection of its own that was begun at a time of its own, whether others were answered or not. */
export interface Probe {
  /** When it was due and begun. */
  readonly atMs: number;
  readonly outcome: 'answered' | ConnectionErrorKind;
  readonly tookMs: number;
  /** What the answer named. */
  readonly server?: string;
}

/** One of the connections that are kept, over which a small request goes now and then. */
export interface KeptConnection {
  /** `hung`: open at the end, and its last request never answered. */
  readonly fate: 'survived' | 'reset' | 'hung';
  readonly answers: number;
  /** When it broke, or when the request went out that was never answered. */
  readonly endedMs?: number;
}

/** One thing that was seen, on any host, by this machine's clock. */
export interface TimelineEntry {
  readonly atMs: number;
  /** How far off `atMs` may be: what is left unknown of the host's clock, or how often was looked. */
  readonly errorMs: number;
  readonly host: string;
  readonly kind:
    | 'step'
    | 'undo'
    | 'vip-added'
    | 'vip-removed'
    | 'link-down'
    | 'link-up'
    | 'destinations'
    | 'synced-entries'
    | 'neighbour';
  /** Address, interface, count or MAC. */
  readonly value: string;
}

export interface Range {
  readonly minMs: number;
  readonly maxMs: number;
}

/** What the configuration says of how long it takes. */
export interface Prediction {
  /** Until another director has the VIP, or the checks have taken the real server out. */
  readonly reaction: Range;
  /** Of the service, as clients have it. */
  readonly outage: Range;
  /** How it was reckoned, one clause each. */
  readonly because: readonly string[];
}

/** Of one instance of VRRP on one director. */
export interface VrrpSettings {
  readonly priority: number;
  readonly advertIntMs: number;
  readonly version: 2 | 3;
  readonly nopreempt: boolean;
  readonly preemptDelayMs: number;
}

/** Of the check of one real server that finds out first. */
export interface CheckSettings {
  readonly delayLoopMs: number;
  readonly connectTimeoutMs: number;
  readonly retries: number;
  readonly delayBeforeRetryMs: number;
}

/** Phases follow each other; one that cannot be told is left out. */
export interface Phase {
  /**
   * `detect`: until the other director took the VIP, or the table changed; `converge`: until a client's first answer after
   * that (gratuitous ARP, the router's entry); `settle`: until the last failure is past.
   */
  readonly name: 'detect' | 'converge' | 'settle';
  readonly fromMs: number;
  readonly toMs: number;
}

/** What clients noticed between one moment and another. */
export interface Outage {
  /** From the first probe that failed to the first answered one after the last that did; 0 where none failed. */
  readonly outageMs: number;
  /** Longest time without an answer. */
  readonly longestGapMs: number;
  /** Begin of the first failed probe, and of the first answered one after the last failure. */
  readonly firstFailureMs?: number;
  readonly steadyMs?: number;
  /** No probe was answered any more at the end. */
  readonly endless: boolean;
  readonly probes: number;
  readonly failed: number;
  readonly errors: Readonly<Partial<Record<ConnectionErrorKind, number>>>;
}

export interface Transition extends Outage {
  /** When what is measured here was begun. */
  readonly beganMs: number;
  readonly endedMs: number;
  /** Who has the VIP when it is over; absent where nobody has, or several. */
  readonly owner?: string;
  readonly phases: readonly Phase[];
  readonly predicted?: Prediction;
}

/** A drill that could not be made on this cluster as it is. */
export interface DrillNotDone {
  readonly scenario: ScenarioName;
  /** One sentence: which means are missing. */
  readonly reason: string;
  /** It was asked for by name, and not only as one of all. */
  readonly asked: boolean;
}

export interface Failover {
  readonly scenario: ScenarioName;
  readonly service: string;
  readonly load: 'low' | 'high';
  /** Hosts it was done to. */
  readonly hosts: readonly string[];
  /** Which of how many. */
  readonly repeat: number;
  readonly of: number;
  /** ISO 8601, UTC: time 0. */
  readonly startedAt: string;
  /** `fail`: the service did not come back until the step was undone; `warn`: it did, but not as predicted. */
  readonly outcome: 'pass' | 'warn' | 'fail' | 'inconclusive';
  /** One sentence, unless it passed. */
  readonly reason?: string;
  /** From the step to its undoing. */
  readonly takeover: Transition;
  /** From the undoing on, until the cluster was as it was found. */
  readonly failback: Transition;
  readonly connections: {
    readonly survived: number;
    readonly reset: number;
    readonly hung: number;
    /** When those broke that did not survive. */
    readonly endedMs: readonly number[];
  };
  /** Probes that the declared real servers did not answer, but somebody did: a sorry server. */
  readonly sorry: number;
  /** Where a real server is drained: connections that were new to it although it was to get none. */
  readonly strays?: number;
  /** Answered probes of all, from the step on. */
  readonly availability: number;
  readonly timeline: readonly TimelineEntry[];
  /** By tenth of a second from `fromMs` on. */
  readonly client: {
    readonly fromMs: number;
    readonly answered: readonly number[];
    readonly failed: readonly number[];
    /** The failed ones of each kind that there were. Absent before 0.2. */
    readonly kinds?: Readonly<Partial<Record<ConnectionErrorKind, readonly number[]>>>;
  };
  /** Of this machine, over the last minute, when the drill ended: with much else going on, times are no good. */
  readonly loadAverage: number;
}
