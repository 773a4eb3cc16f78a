/** What every format says alike: the verdict in one sentence, what was found, what was not looked at. */
import type { Diagnosis } from '../lib/model/diagnosis.ts';
import type { DrillNotDone } from '../lib/model/failover.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import type { Outcome, SubjectName, Verdict } from '../lib/model/verdict.ts';
import { en } from './language/en/index.ts';
import { words } from './language/index.ts';

/** Worst first. */
export const outcomes = [
  'fail',
  'error',
  'not-run',
  'warn',
  'waived',
  'pass',
  'not-applicable',
] as const satisfies readonly Outcome[];

/** In English, as the formats for machines have them. */
export const outcomeWords = en.summary.outcomes;
export const verdictWords = en.summary.verdicts;

export function outcomeCounts(record: RunRecord): Readonly<Record<Outcome, number>> {
  const counts: Record<Outcome, number> = {
    fail: 0,
    error: 0,
    'not-run': 0,
    warn: 0,
    waived: 0,
    pass: 0,
    'not-applicable': 0,
  };
  for (const { outcome } of record.verdicts) counts[outcome] += 1;
  return counts;
}

/** Verdicts that no diagnosis accounts for, of one outcome. */
export function unexplained(record: RunRecord, outcome: 'fail' | 'warn'): readonly Verdict[] {
  const explained = new Set(record.diagnoses.flatMap(({ explains }) => explains));
  return record.verdicts.filter((verdict) => verdict.outcome === outcome && !explained.has(keyOf(verdict)));
}

/** Heads the list of `unexplained` failures. */
export function failedTitle({ diagnoses }: RunRecord): string {
  return words().summary.failedTitle(diagnoses.length > 0);
}

/** Planned and without an answer: what keeps a run from being conclusive. */
export function unevaluated(record: RunRecord): readonly Verdict[] {
  return record.verdicts.filter(({ outcome }) => outcome === 'error' || outcome === 'not-run');
}

export interface PlanNote {
  readonly about: 'left out' | 'waivers' | 'profile';
  readonly text: string;
}

/** What was left out of the plan, and waivers that waived nothing; empty in an ordinary run. */
export function planNotes({
  leftOut = [],
  waivers = [],
  profile,
  failoversNotDone = [],
}: RunRecord): readonly PlanNote[] {
  const { plan, and } = words().summary;
  const skipped = leftOut.filter(({ by }) => by === 'skip');
  const optional = leftOut.filter(({ by }) => by === 'profile');
  const unused = waivers.filter((waiver) => waiver.unused !== undefined);
  const names = skipped.map(({ check, severity }) => (severity === 'mandatory' ? plan.mandatory(check) : check));
  return [
    ...(skipped.length === 0 ? [] : [{ about: 'left out' as const, text: plan.skipped(skipped.length, and(names)) }]),
    ...failoversNotDone.map((drill) => ({ about: 'left out' as const, text: notDoneSentence(drill) })),
    ...(optional.length === 0 ? [] : [{ about: 'left out' as const, text: plan.minimal(optional.length) }]),
    ...(profile === 'strict' ? [{ about: 'profile' as const, text: plan.strict }] : []),
    ...unused.map(({ check, hosts, why, expires, unused: reason }) => ({
      about: 'waivers' as const,
      text: plan.unusedWaiver(check, and(hosts), why, expires, reason === 'no-subject'),
    })),
  ];
}

/** Verdicts that share a reason, such as all those of a host that could not be reached; in order of first appearance. */
export function byReason(
  verdicts: readonly Verdict[],
): readonly { readonly reason: string; readonly verdicts: readonly Verdict[] }[] {
  const groups = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const reason = verdict.reason ?? words().summary.noReason;
    const group = groups.get(reason);
    if (group === undefined) groups.set(reason, [verdict]);
    else group.push(verdict);
  }
  return [...groups].map(([reason, group]) => ({ reason, verdicts: group }));
}

/** As `Diagnosis.explains` names a verdict: `check@host/service`. */
export function keyOf(verdict: Verdict): string {
  return `${verdict.check}@${subjectText(verdict.subject)}`;
}

/** `rs2/web`, `rs2`; `cluster` when neither is named. */
export function subjectText({ host, service }: SubjectName): string {
  const parts = [host, service].filter((part) => part !== undefined);
  return parts.length === 0 ? 'cluster' : parts.join('/');
}

/** Folder of a check: `real-server` of `real-server/reply-route`. */
export function folderOf(check: string): string {
  const slash = check.indexOf('/');
  return slash < 0 ? 'other' : check.slice(0, slash);
}

/** Where a cause was found: `rs2`, `rs2, service web`. */
export function placeOf({ host, service }: Pick<Diagnosis, 'host' | 'service'>): string {
  const { place, theCluster } = words().summary;
  return host === undefined && service === undefined ? theCluster : place(host, service);
}

/** One plain sentence: why the verdict is what it is. A cluster left changed is said first. */
export function sentence(record: RunRecord): string {
  const { notKnown, notAsFound, interruptions, ended } = words().summary;
  const left = record.restored ? '' : leftToGuards(record) ? notKnown : notAsFound;
  const ending = record.interrupted === undefined ? '' : interruptions[record.interrupted];
  return `${left}${ending}${ended(reasonOf(record))}`;
}

/** The run ended before it undid anything more, and every host it had changed has a guard that heard of no release. */
function leftToGuards({ changes, guards = [], problems }: RunRecord): boolean {
  const guarded = new Set(guards.filter(({ released }) => !released).map(({ host }) => host));
  const open = changes.filter(({ undone }) => !undone);
  return (
    open.length > 0 &&
    !problems.some(({ code }) => code === 'RESTORE') &&
    open.every(({ host, undoError }) => undoError === undefined && guarded.has(host))
  );
}

function reasonOf(record: RunRecord): string {
  if (record.verdict === 'fail') return failure(record);
  if (record.verdict === 'inconclusive') return doubt(record);
  if (record.failovers.length > 0) return drillSentence(record.failovers);
  const { allPassed, somePassed, warnings, waivedFailures, skippedByFlag, and } = words().summary;
  const counts = outcomeCounts(record);
  const applicable = record.verdicts.length - counts['not-applicable'];
  const skipped = (record.leftOut ?? []).filter(({ by }) => by === 'skip').length;
  return and([
    counts.pass === applicable ? allPassed(counts.pass) : somePassed(counts.pass, applicable),
    ...(counts.warn > 0 ? [warnings(counts.warn)] : []),
    ...(counts.waived > 0 ? [waivedFailures(counts.waived)] : []),
    ...(skipped > 0 ? [skippedByFlag(skipped)] : []),
  ]);
}

function drillSentence(failovers: RunRecord['failovers']): string {
  const { drills } = words().summary;
  const unlike = failovers.filter(({ outcome }) => outcome === 'warn').length;
  const made = drills.cameBack(failovers.length);
  return unlike === 0 ? made : drills.unlike(made, unlike);
}

function notDoneSentence({ scenario, reason }: DrillNotDone): string {
  return words().summary.drills.notDone(scenario, reason);
}

function failure(record: RunRecord): string {
  const [diagnosis] = record.diagnoses;
  if (diagnosis !== undefined) return diagnosis.summary;
  const lost = record.failovers.find(({ outcome }) => outcome === 'fail');
  const { drills } = words().summary;
  if (lost !== undefined) return drills.failed(lost.scenario, lost.reason ?? drills.lost);
  const failed = record.verdicts.filter(({ outcome }) => outcome === 'fail');
  const [first] = failed;
  const { failedUnexplained, moreFailed } = words().summary;
  if (first === undefined) return failedUnexplained;
  const more = failed.length > 1 ? moreFailed(failed.length - 1) : '';
  return `${first.reason ?? `${first.title}: ${subjectText(first.subject)}`}${more}`;
}

function doubt(record: RunRecord): string {
  const { told: saying, drills, nothingEvaluated, noVerdict, notEvaluated } = words().summary;
  const [problem] = record.problems;
  const told = problem === undefined ? '' : saying(problem.message);
  const asked = record.failoversNotDone?.find((drill) => drill.asked);
  if (asked !== undefined && problem === undefined) return notDoneSentence(asked);
  const drilled = record.failovers.length;
  const undecided = record.failovers.find(({ outcome }) => outcome === 'inconclusive');
  if (problem === undefined && undecided !== undefined)
    return drills.undecided(drilled, undecided.reason === undefined ? '' : saying(undecided.reason));
  if (drilled > 0) return drills.noMore(drilled, told);
  if (record.verdicts.length === 0) return nothingEvaluated(told);
  const open = unevaluated(record);
  if (open.length === 0) return noVerdict(told);
  const looked = byReason(open.filter(({ outcome }) => outcome === 'error'))[0];
  return notEvaluated(open.length, record.verdicts.length, looked === undefined ? told : saying(looked.reason));
}

/** Whether the cluster is as it was found, in words. */
export function restoredText(record: RunRecord): string {
  const { restored, and } = words().summary;
  const left = record.changes.filter(({ undone }) => !undone);
  if (leftToGuards(record)) {
    const hosts = [...new Set(left.map(({ host }) => host))];
    return restored.leftToGuards(left.length, and(hosts));
  }
  if (!record.restored) return restored.notRestored(left.length);
  if (record.changes.length === 0) return restored.nothing;
  const same = (record.guards ?? []).filter(({ before, after }) => before !== undefined && before === after);
  const compared = same.length === 0 ? '' : restored.compared(and(same.map(({ host }) => host)));
  return `${restored.restored(record.changes.length)}${compared}`;
}

/** What the guards of the hosts did by themselves, or still have to do; empty in an ordinary run. */
export function guardNotes(record: RunRecord): readonly { readonly host: string; readonly text: string }[] {
  const { guards } = words().summary;
  return (record.guards ?? []).flatMap(({ host, released, undid }) => [
    ...undid.map(({ runId, log }) => {
      const whose = runId === record.id ? guards.thisRun : guards.otherRun(runId);
      return { host, text: guards.tookBack(whose, log.join('; ')) };
    }),
    ...(released || undid.some(({ runId }) => runId === record.id) ? [] : [{ host, text: guards.stillLocked }]),
  ]);
}
