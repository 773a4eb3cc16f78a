/**
 * Two runs side by side. A baseline is what a comparison needs of a run, small enough to commit; schema/baseline.schema.json
 * and schema/diff.schema.json are made from these types. Public: keys are added, never changed.
 */
import type { Severity } from './check.ts';
import type { HostRole } from './cluster.ts';
import type { Certainty } from './diagnosis.ts';
import type { MetricUnit } from './metrics.ts';
import type { LoadResult, OpenLoopResult } from './load-result.ts';
import type { ClusterSummary, RunRecord } from './run-record.ts';
import type { Outcome, SubjectName } from './verdict.ts';

/** A run without its evidence: what was judged, found and measured. */
export interface Baseline {
  readonly format: 'ipvet-baseline/1';
  readonly run: RunInBrief;
  readonly cluster: ClusterSummary;
  /** Checks that were left out of the plan. */
  readonly leftOut: readonly string[];
  readonly hosts: readonly BaselineHost[];
  readonly verdicts: readonly BaselineVerdict[];
  readonly diagnoses: readonly BaselineDiagnosis[];
  readonly load: readonly BaselineLoad[];
}

export interface RunInBrief {
  readonly id: string;
  readonly command: string;
  readonly tool: { readonly version: string };
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly verdict: RunRecord['verdict'];
  readonly exitCode: number;
  readonly restored: boolean;
  /** Why it ended early. */
  readonly interrupted?: string;
}

export interface BaselineHost {
  readonly name: string;
  readonly role: HostRole;
  readonly os?: string;
  readonly kernel?: string;
}

export interface BaselineVerdict {
  readonly check: string;
  readonly title: string;
  readonly severity: Severity;
  readonly subject: SubjectName;
  readonly outcome: Outcome;
  readonly reason?: string;
}

export interface BaselineDiagnosis {
  readonly cause: string;
  readonly summary: string;
  readonly host?: string;
  readonly service?: string;
  readonly certainty: Certainty;
  /** Failed verdicts it accounts for, as `check@host/service`. */
  readonly explains: readonly string[];
}

export type BaselineLoad = Pick<
  LoadResult,
  | 'service'
  | 'profile'
  | 'engine'
  | 'client'
  | 'durationMs'
  | 'requested'
  | 'sent'
  | 'answered'
  | 'failed'
  | 'connections'
  | 'rateRps'
  | 'connect'
  | 'total'
  | 'corrected'
  | 'synRetransmits'
  | 'timeline'
> & {
  readonly openLoop?: Pick<OpenLoopResult, 'offeredRps' | 'lateSends'>;
  /** Requests a second that held, and what ended the search. */
  readonly capacity?: { readonly rateRps?: number; readonly limitedBy: string };
};

/** What `ipvet diff` and `ipvet baseline compare` found. */
export interface Comparison {
  readonly format: 'ipvet-diff/1';
  readonly before: RunInBrief;
  readonly after: RunInBrief;
  /** Name of the cluster, of the later run. */
  readonly cluster: string;
  /** `could-not-tell`: nothing is known to be worse, and something that was looked at before was not, or cannot be decided. */
  readonly outcome: 'worse' | 'could-not-tell' | 'not-worse';
  /** 1 where something got worse, 3 where that could not be told, 4 for new warnings with `--fail-on warn`, else 0. */
  readonly exitCode: number;
  /** What the outcome rests on, one clause each; empty where nothing is worse. */
  readonly because: readonly string[];
  /** What limits the comparison: other commands, other versions, a run that ended early. */
  readonly notes: readonly string[];
  readonly tolerance: Tolerance;
  /** In the order of the later run; those that are as they were and did not fail are left out. */
  readonly verdicts: readonly VerdictChange[];
  readonly diagnoses: readonly DiagnosisChange[];
  readonly figures: readonly FigureChange[];
  readonly inventory: readonly InventoryChange[];
}

/** How large a change has to be before it matters, however certain it is. */
export interface Tolerance {
  /** Of latencies, rates and capacity: a share of the earlier figure, 0.2 is 20 %. */
  readonly relative: number;
  /** Of latencies besides: milliseconds. */
  readonly latencyMs: number;
  /** Of shares (failed, late, SYNs sent again): 0.001 is 0.1 percentage points. */
  readonly share: number;
}

/**
 * `new-failure`: failed now and not before; `eased`: failed, now a warning; `no-longer-judged`: judged before, not planned
 * now; `evaluated-again`: could not be told before, and did not fail.
 */
export type VerdictChangeKind =
  | 'new-failure'
  | 'still-failing'
  | 'fixed'
  | 'eased'
  | 'newly-waived'
  | 'no-longer-applies'
  | 'newly-not-evaluated'
  | 'still-not-evaluated'
  | 'no-longer-judged'
  | 'evaluated-again'
  | 'new-warning'
  | 'warning-gone';

export interface VerdictChange {
  readonly change: VerdictChangeKind;
  readonly check: string;
  readonly title: string;
  readonly severity: Severity;
  readonly subject: SubjectName;
  /** Absent where the run did not plan it. */
  readonly before?: Outcome;
  readonly after?: Outcome;
  /** Why, one sentence, where there is more to say than the title. */
  readonly reason?: string;
}

/** `not-looked-for`: what it explained was not judged again. */
export interface DiagnosisChange {
  readonly change: 'new' | 'gone' | 'still' | 'not-looked-for';
  readonly cause: string;
  readonly summary: string;
  readonly host?: string;
  readonly service?: string;
  readonly certainty: Certainty;
  /** What it was before, where that differs. */
  readonly certaintyBefore?: Certainty;
}

export interface FigureChange {
  readonly service: string;
  readonly profile: string;
  /** Named as a threshold names it: `errors.rate`, `connect.p99`. */
  readonly metric: string;
  readonly unit: MetricUnit;
  /** In `unit`. Absent where the run has none. */
  readonly before?: number;
  readonly after?: number;
  /** Of a `fraction` the difference, of everything else the change as a share of the earlier figure. */
  readonly change?: number;
  /** Within which the change lies at 99 % confidence, as far as the runs are samples of the same; as `change`. */
  readonly interval?: readonly [number, number];
  readonly outcome: 'worse' | 'better' | 'same' | 'could-not-tell';
  /** Of `could-not-tell`: it is worse by more than the tolerance, and that may be chance or the record does not say. */
  readonly suspect?: true;
  readonly reason?: string;
}

export interface InventoryChange {
  readonly what: 'host' | 'service' | 'real-server' | 'os' | 'kernel' | 'cluster' | 'tool';
  readonly change: 'added' | 'removed' | 'changed';
  /** Host or service; `web/rs3` is a real server of a service. */
  readonly name: string;
  /** What of it, where only that changed: `scheduler`. */
  readonly key?: string;
  readonly before?: string;
  readonly after?: string;
}
