import type { Severity, Stage } from './check.ts';
import type { Evidence, Remedy } from './evidence.ts';

/**
 * `error`: looked and could not tell. `not-run`: planned and never looked at. Both make the run inconclusive.
 * `waived`: failed, and the cluster file says why that is accepted.
 */
export type Outcome = 'pass' | 'warn' | 'fail' | 'not-applicable' | 'waived' | 'error' | 'not-run';

/** What was judged: names from the cluster file. */
export interface SubjectName {
  readonly host?: string;
  readonly service?: string;
}

/** The answer to one planned pair of check and subject. Each pair has exactly one. */
export interface Verdict {
  readonly check: string;
  readonly title: string;
  readonly severity: Severity;
  readonly stage: Stage;
  readonly subject: SubjectName;
  readonly outcome: Outcome;
  /** One sentence; always there unless the outcome is `pass`. */
  readonly reason?: string;
  /** What to do next, for `error`. */
  readonly hint?: string;
  readonly found?: unknown;
  readonly expected?: unknown;
  readonly evidence: readonly Evidence[];
  readonly remedy?: Remedy;
  /**
   * Of a failure or warning: the fault it found, or the few that cannot be told apart, by their ids in the fault catalogue.
   * Older records have none.
   */
  readonly faults?: readonly string[];
  /** Hosts that have it, where that is not the subject's. Older records have none. */
  readonly culprits?: readonly string[];
  /** Of a `waived` one: who decided what, until when. */
  readonly waiver?: { readonly why: string; readonly by?: string; readonly expires?: string };
  readonly durationMs: number;
}
