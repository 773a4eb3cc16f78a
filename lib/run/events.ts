/**
 * The journal's lines. events.ndjson holds one a line, in order; run.json is a fold over them (record.ts), so whatever
 * is known when a run dies is in the journal already.
 */
import type { RawFact } from '../facts/reading.ts';
import type { Severity, Stage } from '../model/check.ts';
import type { Waiver } from '../model/cluster.ts';
import type { CheckProfile } from '../model/custom-check.ts';
import type { Diagnosis } from '../model/diagnosis.ts';
import type { DrillNotDone, Failover } from '../model/failover.ts';
import type { Distribution } from '../model/distribution.ts';
import type { EndReading, Probing } from '../model/ends.ts';
import type { CapacityStep, LoadResult } from '../model/load-result.ts';
import type { Sampling } from '../model/sampling.ts';
import type {
  AnalysisRecord,
  ClusterSummary,
  HostContact,
  Interruption,
  LeftOut,
  Problem,
} from '../model/run-record.ts';
import type { SubjectName, Verdict } from '../model/verdict.ts';

/** One planned pair of check and subject. */
export interface PlannedVerdict {
  readonly check: string;
  readonly title: string;
  readonly severity: Severity;
  readonly stage: Stage;
  readonly subject: SubjectName;
}

/** A waiver of the cluster file. */
export interface PlannedWaiver extends Waiver {
  /** Whether the check has a subject on its hosts in this cluster, planned or not. */
  readonly hasSubject: boolean;
}

export type RunEventBody =
  | {
      readonly type: 'run-started';
      readonly id: string;
      readonly command: string;
      readonly version: string;
      readonly cluster: ClusterSummary;
    }
  | {
      readonly type: 'planned';
      readonly verdicts: readonly PlannedVerdict[];
      readonly leftOut?: readonly LeftOut[];
      readonly waivers?: readonly PlannedWaiver[];
      readonly profile?: CheckProfile;
    }
  | { readonly type: 'stage-started'; readonly name: string }
  | { readonly type: 'stage-ended'; readonly name: string; readonly durationMs: number }
  | { readonly type: 'host-contacted'; readonly contact: HostContact }
  | {
      readonly type: 'facts-collected';
      readonly host: string;
      readonly stage: string;
      readonly durationMs: number;
      /** What each command printed, word for word. */
      readonly raw: readonly RawFact[];
    }
  | { readonly type: 'verdict'; readonly verdict: Verdict }
  | {
      readonly type: 'change-registered';
      readonly change: number;
      readonly host: string;
      readonly what: string;
      readonly command: string;
      readonly undo: string;
    }
  /** The change was never made: its command failed and left nothing behind. */
  | { readonly type: 'change-abandoned'; readonly change: number; readonly reason: string }
  | { readonly type: 'change-made'; readonly change: number }
  | { readonly type: 'change-undone'; readonly change: number }
  | { readonly type: 'undo-failed'; readonly change: number; readonly reason: string }
  /** The host is locked for this run, and undoes by itself when it hears nothing of it. */
  | { readonly type: 'guarded'; readonly host: string }
  | { readonly type: 'guard-released'; readonly host: string }
  /** The host's guard took back what run `runId` (this one, or one before) had changed; `log` is its account. */
  | { readonly type: 'guard-undid'; readonly host: string; readonly runId: string; readonly log: readonly string[] }
  | {
      readonly type: 'fingerprint';
      readonly host: string;
      readonly when: 'before' | 'after';
      /** sha256, hex, of addresses, sysctls, units and files. */
      readonly digest: string;
    }
  | {
      readonly type: 'load-progress';
      readonly service: string;
      readonly sent: number;
      readonly answered: number;
      readonly failed: number;
      readonly requested: number;
    }
  | { readonly type: 'capacity-step'; readonly service: string; readonly step: CapacityStep }
  | { readonly type: 'load'; readonly result: LoadResult }
  | { readonly type: 'sampling'; readonly sampling: Sampling }
  | { readonly type: 'ends'; readonly service: string; readonly ends: readonly EndReading[] }
  | { readonly type: 'distribution'; readonly distribution: Distribution }
  | { readonly type: 'probing'; readonly probing: Probing }
  | { readonly type: 'analysis'; readonly analysis: AnalysisRecord }
  | { readonly type: 'failover'; readonly failover: Failover }
  | { readonly type: 'drill-not-done'; readonly drill: DrillNotDone }
  | { readonly type: 'diagnosis'; readonly diagnosis: Diagnosis }
  | { readonly type: 'problem'; readonly problem: Problem }
  | { readonly type: 'interrupted'; readonly by: Interruption; readonly signal?: string }
  | { readonly type: 'run-ended' };

/** `at` is ISO 8601 UTC of this machine's clock. */
export type RunEvent = RunEventBody & { readonly at: string };
