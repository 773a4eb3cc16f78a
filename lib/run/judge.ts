/** One planned pair in, exactly one verdict out. A missing fact, a thrown check and a cancelled run are verdicts too. */
import {
  type Check,
  type CheckContext,
  type FactName,
  type Finding,
  type Judgement,
  notApplicable,
  type Subject,
} from '../model/check.ts';
import type { Waiver } from '../model/cluster.ts';
import type { CommandAnswer } from '../model/custom-check.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Fact, HostFactName, Missing } from '../model/facts.ts';
import type { SubjectName, Verdict } from '../model/verdict.ts';
import type { PlannedVerdict } from './events.ts';

export type FactsByHost = ReadonlyMap<string, Readonly<Partial<Record<HostFactName, Fact<unknown>>>>>;

export interface FactSource {
  fact(name: FactName): Promise<Fact<unknown>>;
  /** The same map for the same names, so that a check may keep what it works out for all hosts together. */
  ofEveryone(names: readonly HostFactName[]): Promise<FactsByHost>;
  /** Of the check's own command. */
  answer?(): Promise<Fact<CommandAnswer>>;
}

export function subjectName(subject: Subject): SubjectName {
  return {
    host: subject.host.name,
    ...('service' in subject ? { service: subject.service.name } : {}),
  };
}

export function plannedVerdict(check: Check, subject: Subject): PlannedVerdict {
  const { id, title, stage } = check;
  const severity = subject.cluster.checks.profile === 'strict' ? 'mandatory' : check.severity;
  return { check: id, title, severity, stage, subject: subjectName(subject) };
}

/** `plan`: what the verdict is filed under, where the subject's host was settled later. */
export async function judge(
  check: Check,
  subject: Subject,
  source: FactSource,
  waivers: readonly Waiver[],
  plan = plannedVerdict(check, subject),
): Promise<Verdict> {
  const inapplicable = check.inapplicable?.(subject);
  if (inapplicable !== undefined) return verdictOf(plan, check, notApplicable(inapplicable));
  const startedAt = performance.now();
  const facts: Partial<Record<FactName, unknown>> = {};
  const evidence = new Map<FactName, Evidence>();
  const absent: Missing[] = [];
  for (const name of check.requires) {
    const fact = await source.fact(name);
    if (fact.known) {
      facts[name] = fact.value;
      evidence.set(name, fact.evidence);
    } else {
      absent.push(fact);
    }
  }
  const everyone = await everyonesFacts(check, source);
  const answer = check.command === undefined ? undefined : await source.answer?.();
  if (answer?.known === false) absent.push(answer);
  const judgement =
    absent.length > 0
      ? unknownBecause(absent)
      : evaluated(check, subject, facts, {
          everyone,
          evidence: (name) => quote(name, plan, evidence),
          ...(answer?.known === true ? { answer: answer.value } : {}),
        });
  const strict = subject.cluster.checks.profile === 'strict';
  return {
    ...waive(verdictOf(plan, check, judgement, strict), waivers),
    durationMs: Math.round(performance.now() - startedAt),
  };
}

async function everyonesFacts(check: Check, source: FactSource): Promise<CheckContext['everyone']> {
  const names = check.requiresOfAll ?? [];
  const byHost: FactsByHost = names.length === 0 ? new Map() : await source.ofEveryone(names);
  // `requiresOfAll` names just these facts; the check's own type lets it read no others.
  return byHost as unknown as CheckContext['everyone'];
}

function evaluated(
  check: Check,
  subject: Subject,
  facts: Partial<Record<FactName, unknown>>,
  context: CheckContext,
): Judgement {
  try {
    // `facts` holds every fact of `requires`, which is all that `evaluate` of this check can name.
    const judgement = check.evaluate(facts as Parameters<Check['evaluate']>[0], subject, context);
    if (!isJudgement(judgement)) throw new TypeError('it answered nothing that a check can answer');
    return judgement;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      outcome: 'error',
      reason: `the check itself failed: ${message}`,
      hint: /^(suite|custom)\//.test(check.id)
        ? 'it is a check of your own: see docs/custom-checks.md'
        : 'this is a defect of ipvet; please report it with the run folder',
      evidence: [],
    };
  }
}

const outcomes: readonly unknown[] = ['pass', 'fail', 'warn', 'not-applicable', 'error'];

/** A check of the operator's own may be written without types. */
function isJudgement(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { outcome, evidence, reason } = value as { outcome?: unknown; evidence?: unknown; reason?: unknown };
  return (
    outcomes.includes(outcome) &&
    (outcome === 'not-applicable' || Array.isArray(evidence)) &&
    (outcome === 'pass' || typeof reason === 'string')
  );
}

function quote(name: FactName, plan: PlannedVerdict, evidence: ReadonlyMap<FactName, Evidence>): Evidence {
  const found = evidence.get(name);
  if (found === undefined) throw new RangeError(`${plan.check} quotes ${name}, which it does not require`);
  return found;
}

function unknownBecause(absent: readonly Missing[]): Judgement {
  const hint = absent.find((fact) => fact.hint !== undefined)?.hint;
  return {
    outcome: 'error',
    reason: [...new Set(absent.map((fact) => fact.message))].join('; '),
    evidence: absent.flatMap((fact) => fact.evidence ?? []),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** Those it says it sees, and no others: a check of the operator's own may say anything. Under load one fault is a guess. */
function faultsOf({ sees, stage }: Check, { faults, culprits }: Pick<Finding, 'faults' | 'culprits'>) {
  const named =
    faults?.filter((fault) => sees.includes(fault)) ?? (sees.length === 1 && stage !== 'traffic' ? sees : []);
  return named.length === 0 ? {} : { faults: named, ...(culprits === undefined ? {} : { culprits }) };
}

function verdictOf(plan: PlannedVerdict, check: Check, judgement: Judgement, strict = false): Verdict {
  const common = { ...plan, durationMs: 0 };
  switch (judgement.outcome) {
    case 'pass':
      return { ...common, outcome: 'pass', found: judgement.found, evidence: judgement.evidence };
    case 'not-applicable':
      return { ...common, outcome: 'not-applicable', reason: judgement.reason, evidence: [] };
    case 'error':
      return {
        ...common,
        outcome: 'error',
        reason: judgement.reason,
        evidence: judgement.evidence,
        ...(judgement.hint === undefined ? {} : { hint: judgement.hint }),
      };
    case 'fail':
    case 'warn':
      return {
        ...common,
        outcome: strict ? 'fail' : plan.severity === 'recommended' ? 'warn' : judgement.outcome,
        reason: judgement.reason,
        found: judgement.found,
        expected: judgement.expected,
        evidence: judgement.evidence,
        ...(judgement.remedy === undefined ? {} : { remedy: judgement.remedy }),
        ...faultsOf(check, judgement),
      };
  }
}

/** Expired waivers were refused with the cluster file already. */
function waive(verdict: Verdict, waivers: readonly Waiver[]): Verdict {
  if (verdict.outcome !== 'fail' && verdict.outcome !== 'warn') return verdict;
  const waiver = waivers.find((one) => isMeantBy(verdict, one));
  if (waiver === undefined) return verdict;
  const { why, by, expires } = waiver;
  const until = expires === undefined ? '' : ` until ${expires}`;
  return {
    ...verdict,
    outcome: 'waived',
    reason: `${verdict.reason ?? ''} (waived${until}${by === undefined ? '' : ` by ${by}`}: ${why})`,
    waiver: { why, ...(by === undefined ? {} : { by }), ...(expires === undefined ? {} : { expires }) },
  };
}

/** Whether the waiver is for this check on this host. */
export function isMeantBy(
  { check, subject }: Pick<PlannedVerdict, 'check' | 'subject'>,
  waiver: Pick<Waiver, 'check' | 'hosts'>,
): boolean {
  return waiver.check === check && (waiver.hosts.length === 0 || waiver.hosts.includes(subject.host ?? ''));
}
