/** A check is data plus one pure function. See docs/architecture.md, "A check". */
import type { CommandAnswer, HostCommand } from './custom-check.ts';
import type { Client, Cluster, ClusterHost, Destination, Director, RealServer, VirtualService } from './cluster.ts';
import type { Evidence, Remedy } from './evidence.ts';
import type { Fact, HostFactName, HostFacts } from './facts.ts';
import type { FaultId } from './fault-id.ts';
import type { Observations } from './observations.ts';

export type Severity = 'mandatory' | 'recommended';
/** `pre`: before rules are installed. `post`: with the rules in place. `traffic`: needs load. */
export type Stage = 'pre' | 'post' | 'traffic';

/** What each scope judges. The facts a check requires are those of the host named here. */
export interface Subjects {
  readonly host: { readonly cluster: Cluster; readonly host: ClusterHost };
  readonly director: { readonly cluster: Cluster; readonly host: Director };
  readonly 'director-service': { readonly cluster: Cluster; readonly host: Director; readonly service: VirtualService };
  readonly 'real-server': { readonly cluster: Cluster; readonly host: RealServer };
  readonly 'real-server-service': {
    readonly cluster: Cluster;
    readonly host: RealServer;
    readonly service: VirtualService;
    readonly destination: Destination;
  };
  readonly client: { readonly cluster: Cluster; readonly host: Client };
  readonly 'client-service': { readonly cluster: Cluster; readonly host: Client; readonly service: VirtualService };
  /** Facts are those of the director the service runs on. */
  readonly service: {
    readonly cluster: Cluster;
    readonly host: Director;
    readonly client: Client;
    readonly service: VirtualService;
  };
}
export type Scope = keyof Subjects;
export type Subject = Subjects[Scope];

/** A check, and one of the things it judges. */
export interface Pair {
  readonly check: Check;
  readonly subject: Subject;
}

export type AllFacts = HostFacts & Observations;
export type FactName = keyof AllFacts;

export interface CheckContext<E extends HostFactName = HostFactName> {
  /** Where a required fact was read, whole. Quote the telling lines with `excerpt`. */
  readonly evidence: (name: FactName) => Evidence;
  /** The facts named in `requiresOfAll`, of every host of the cluster, by host name. Some may be missing. */
  readonly everyone: ReadonlyMap<string, { readonly [N in E]: Fact<HostFacts[N]> }>;
  /** What the check's own `command` answered; absent where it has none. */
  readonly answer?: CommandAnswer;
}

export interface Check<S extends Scope = Scope, R extends FactName = FactName, E extends HostFactName = HostFactName> {
  /** Folder and file name; a noun. */
  readonly id: string;
  readonly title: string;
  readonly failureTitle: string;
  /** Faults of the catalogue that make it fail or warn; docs/faults.md is made from them. */
  readonly sees: readonly FaultId[];
  /** A failed `mandatory` check fails the run; a failed `recommended` one is recorded as `warn`. */
  readonly severity: Severity;
  readonly stage: Stage;
  readonly scope: S;
  readonly requires: readonly R[];
  readonly requiresOfAll?: readonly E[];
  /** Hosts it is limited to, by name; absent: every one of its scope. */
  readonly hosts?: readonly string[];
  /** Of an operator's own check: run on the subject's host as the login user; what it answers is `context.answer`. */
  readonly command?: HostCommand;
  /** What `ipvet checks list --tag` finds it by, besides what follows from its folder, facts and faults. */
  readonly tags?: readonly string[];
  /** Why a subject is none of this check's, in one sentence; told before any fact is asked for, and any load sent. */
  inapplicable?(subject: Subjects[S]): string | undefined;
  readonly doc: {
    /** Why it matters: what breaks, and how it shows. */
    readonly why: string;
    /** Commands to look at the same thing by hand. */
    readonly byHand: readonly string[];
    /** Kernel file, RFC, man page. */
    readonly references: readonly string[];
  };
  evaluate(facts: Pick<AllFacts, R>, subject: Subjects[S], context: CheckContext<E>): Judgement;
}

/** What a check answers. `found` and `expected` are JSON values, small enough to print. */
export type Judgement =
  | { readonly outcome: 'pass'; readonly found: unknown; readonly evidence: readonly Evidence[] }
  | {
      readonly outcome: 'fail' | 'warn';
      readonly reason: string;
      readonly found: unknown;
      readonly expected: unknown;
      readonly evidence: readonly Evidence[];
      readonly remedy?: Remedy;
      readonly faults?: readonly FaultId[];
      readonly culprits?: readonly string[];
    }
  | { readonly outcome: 'not-applicable'; readonly reason: string }
  /** The facts are there and do not decide. */
  | {
      readonly outcome: 'error';
      readonly reason: string;
      readonly hint?: string;
      readonly evidence: readonly Evidence[];
    };

export function defineCheck<S extends Scope, const R extends FactName, const E extends HostFactName = never>(
  check: Check<S, R, E>,
): Check {
  // The run hands a check exactly the facts and the kind of subject it declares, which the wide type cannot express.
  return check;
}

export function pass(found: unknown, evidence: readonly Evidence[]): Judgement {
  return { outcome: 'pass', found, evidence };
}

export interface Finding {
  /** One sentence with host and values: what is wrong. */
  readonly reason: string;
  readonly found: unknown;
  readonly expected: unknown;
  readonly evidence: readonly Evidence[];
  readonly remedy?: Remedy;
  /**
   * Which fault of `sees` it is, or the few that cannot be told apart, the likeliest first; none where what is wrong is no
   * fault of the catalogue. A check of one fault need not say.
   */
  readonly faults?: readonly FaultId[];
  /** Hosts that have the fault, where that is not the host that was judged. */
  readonly culprits?: readonly string[];
}

export function fail(finding: Finding): Judgement {
  return { outcome: 'fail', ...finding };
}

export function warn(finding: Finding): Judgement {
  return { outcome: 'warn', ...finding };
}

export function notApplicable(reason: string): Judgement {
  return { outcome: 'not-applicable', reason };
}

export function cannotTell(reason: string, evidence: readonly Evidence[], hint?: string): Judgement {
  return { outcome: 'error', reason, evidence, ...(hint === undefined ? {} : { hint }) };
}

/** The evidence with only the lines that `keep` accepts; all of them when none is. */
export function excerpt(evidence: Evidence, keep: RegExp | ((line: string) => boolean)): Evidence {
  const wanted = typeof keep === 'function' ? keep : (line: string) => keep.test(line);
  const lines = evidence.output.split('\n').filter(wanted);
  return lines.length === 0 ? evidence : { ...evidence, output: lines.join('\n') };
}
