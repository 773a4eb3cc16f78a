/** What passes between probe.ts and the probe agent: JSON, one message a line. Times are ms since 1970 of this machine's clock. */
import type { KeptConnection, Probe } from '../model/failover.ts';
import type { LoadPlan } from './engine.ts';

export interface ProbePlan {
  /** Address, request, expectations and sources; its profile is not used. */
  readonly load: Omit<LoadPlan, 'profile'>;
  readonly intervalMs: number;
  /** Longest for a probe; below the 1 s after which a SYN is sent again, so that a lost one is a failure. */
  readonly timeoutMs: number;
  /** Connections that are kept, and how often each sends a request. */
  readonly kept: number;
  readonly keptIntervalMs: number;
}

/** On the agent's standard input. Its end means that whoever asked is gone: the agent ends too. */
export type ProbeRequest =
  | { readonly kind: 'start'; readonly plan: ProbePlan; readonly endpoints: readonly string[] }
  | { readonly kind: 'stop' };

/** On its standard output; `end` is the last. */
export type ProbeReport =
  | { readonly kind: 'probes'; readonly probes: readonly Probe[] }
  | { readonly kind: 'end'; readonly kept: readonly KeptConnection[] }
  | { readonly kind: 'error'; readonly message: string };
