/**
 * run.json: the one value that crosses from a run to everything that reads it. schema/run.schema.json is made from
 * these types (`npm run generate`). Public: keys are added, never changed.
 */
import type { Severity } from './check.ts';
import type { Environment, ForwardingMethod, HostRole, Protocol } from './cluster.ts';
import type { CheckProfile } from './custom-check.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { DrillNotDone, Failover } from './failover.ts';
import type { Distribution } from './distribution.ts';
import type { EndReading } from './ends.ts';
import type { LoadResult } from './load-result.ts';
import type { Sampling } from './sampling.ts';
import type { Outcome, SubjectName, Verdict } from './verdict.ts';

export interface RunRecord {
  readonly format: 'ipvet-run/1';
  /** Folder name of the run: UTC time and four random characters. */
  readonly id: string;
  readonly tool: { readonly version: string };
  /** What was asked: `check`, `accept`, … */
  readonly command: string;
  readonly cluster: ClusterSummary;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly exitCode: number;
  /** Whether every change was taken back. True when nothing was changed. */
  readonly restored: boolean;
  /** Why the run ended early. */
  readonly interrupted?: Interruption;
  /** What kept the run itself from going on, worded for the operator. */
  readonly problems: readonly Problem[];
  readonly verdicts: readonly Verdict[];
  readonly diagnoses: readonly Diagnosis[];
  readonly load: readonly LoadResult[];
  /** By virtual service. */
  readonly samples: Readonly<Record<string, Sampling>>;
  /** By virtual service: what the client and the real servers counted themselves. Absent before 0.2. */
  readonly ends?: Readonly<Record<string, readonly EndReading[]>>;
  readonly distribution: readonly Distribution[];
  /** Drills, in the order they were made; empty but for `ipvet failover`. */
  readonly failovers: readonly Failover[];
  /** Drills that could not be made on this cluster. Absent when there were none. */
  readonly failoversNotDone?: readonly DrillNotDone[];
  readonly changes: readonly Change[];
  /** Checks of the plan that the operator left out, in the order they would have run. Absent when there were none. */
  readonly leftOut?: readonly LeftOut[];
  /** Waivers of the cluster file, and what they waived. Absent when it has none. */
  readonly waivers?: readonly WaiverUse[];
  /** `checks.profile` of the cluster file, where it is not `standard`. */
  readonly profile?: CheckProfile;
  /** Hosts that were locked for the run, each with a guard that would have undone without it. Absent before 0.2. */
  readonly guards?: readonly GuardRecord[];
  /** Each host's contact: what it is, and what it cost to ask it. */
  readonly hosts: readonly HostContact[];
  /** How long each stage took, in order. */
  readonly stages: readonly { readonly name: string; readonly durationMs: number }[];
  /** Of a run that was judged again from what another one kept: which, and what came out differently. */
  readonly analysis?: AnalysisRecord;
}

export interface AnalysisRecord {
  /** The run that asked the hosts. */
  readonly run: {
    readonly id: string;
    readonly version: string;
    readonly startedAt: string;
    readonly verdict: RunRecord['verdict'];
    readonly exitCode: number;
  };
  readonly changed: readonly ChangedVerdict[];
  /** `CAUSE@HOST` that were diagnosed then and are not now, and the other way round. */
  readonly causesGone: readonly string[];
  readonly causesNew: readonly string[];
}

export interface ChangedVerdict {
  readonly check: string;
  readonly subject: SubjectName;
  /** Absent where it was not judged then. */
  readonly was?: Outcome;
  readonly is: Outcome;
  /** One sentence. */
  readonly why: string;
}

/**
 * `signal`: by the operator; `storage`: its folder could not be written; `refused`: a lock is held, a guard could not be
 * armed; `unguarded`: a host took the changes back by itself, or can no longer be trusted to; `internal-error`: also a
 * run that was killed.
 */
export type Interruption = 'signal' | 'internal-error' | 'storage' | 'refused' | 'unguarded';

/** A check that would have been judged. */
export interface LeftOut {
  readonly check: string;
  readonly title: string;
  readonly severity: Severity;
  /** `skip`: `--skip` of the command line. `profile`: `checks.profile: minimal` of the cluster file. */
  readonly by: 'skip' | 'profile';
  /** Hosts and services it would have been judged on. */
  readonly subjects: number;
}

export interface WaiverUse {
  readonly check: string;
  /** Empty is every host. */
  readonly hosts: readonly string[];
  readonly why: string;
  readonly by?: string;
  readonly expires?: string;
  /** Verdicts it waived. */
  readonly waived: number;
  /**
   * Why it waived nothing, where that is known: `no-subject`: the check has none on these hosts in this cluster;
   * `no-failure`: every one was judged, and none failed.
   */
  readonly unused?: 'no-subject' | 'no-failure';
}

export interface GuardRecord {
  readonly host: string;
  /** The lock was given back; false: the guard undoes what is left once it heard nothing for 20 s. */
  readonly released: boolean;
  /** What the guard took back by itself, of this run or of one before, one line each. */
  readonly undid: readonly { readonly runId: string; readonly log: readonly string[] }[];
  /** sha256, hex, of addresses, sysctls, units and files, before the first change and after the last undo. */
  readonly before?: string;
  readonly after?: string;
}

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export interface ClusterSummary {
  readonly name: string;
  readonly environment: Environment;
  /** Cluster file, its path within its repository (else its name alone). Absent before 0.2, as `line` is. */
  readonly file?: string;
  readonly hosts: readonly {
    readonly name: string;
    readonly role: HostRole;
    readonly address: string;
    /** Where the cluster file declares it, 1-based. */
    readonly line?: number;
  }[];
  readonly services: readonly {
    readonly name: string;
    readonly vip: string;
    readonly port: number;
    readonly protocol: Protocol;
    readonly forwarding: ForwardingMethod;
    readonly scheduler: string;
    readonly realServers: readonly { readonly name: string; readonly address: string; readonly weight: number }[];
    /** Where the cluster file declares it, 1-based. */
    readonly line?: number;
  }[];
}

/** One thing done to a host. Its undo was registered before it was done. */
export interface Change {
  readonly host: string;
  readonly what: string;
  readonly command: string;
  readonly undo: string;
  readonly undone: boolean;
  /** What the undo said when it failed. */
  readonly undoError?: string;
}

export interface HostContact {
  readonly name: string;
  readonly role: HostRole;
  readonly reachable: boolean;
  readonly user?: string;
  readonly os?: string;
  readonly kernel?: string;
  /** Time of the round trip that fetched all facts. */
  readonly factsMs?: number;
  readonly error?: Problem;
}
