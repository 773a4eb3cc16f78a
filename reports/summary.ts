/** What every format says alike: the verdict in one sentence, what was found, what was not looked at. */
import type { Diagnosis } from '../lib/model/diagnosis.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import type { Outcome, SubjectName, Verdict } from '../lib/model/verdict.ts';
import { plural } from './units.ts';

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

export const outcomeWords: Readonly<Record<Outcome, string>> = {
  fail: 'failed',
  error: 'could not tell',
  'not-run': 'not run',
  warn: 'warning',
  waived: 'waived',
  pass: 'passed',
  'not-applicable': 'not applicable',
};

export const verdictWords: Readonly<Record<RunRecord['verdict'], string>> = {
  pass: 'PASS',
  fail: 'FAIL',
  inconclusive: 'INCONCLUSIVE',
};

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
  return diagnoses.length === 0 ? 'Failed' : 'Failed, and not explained above';
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
export function planNotes({ leftOut = [], waivers = [], profile }: RunRecord): readonly PlanNote[] {
  const skipped = leftOut.filter(({ by }) => by === 'skip');
  const optional = leftOut.filter(({ by }) => by === 'profile');
  const unused = waivers.filter((waiver) => waiver.unused !== undefined);
  return [
    ...(skipped.length === 0
      ? []
      : [
          {
            about: 'left out' as const,
            text: `${plural(skipped.length, 'check')} skipped by --skip: ${skipped
              .map(({ check, severity }) => (severity === 'mandatory' ? `${check} (mandatory)` : check))
              .join(', ')}`,
          },
        ]),
    ...(optional.length === 0
      ? []
      : [
          {
            about: 'left out' as const,
            text: `${plural(optional.length, 'recommended check')} left out by the cluster file's profile minimal`,
          },
        ]),
    ...(profile === 'strict'
      ? [
          {
            about: 'profile' as const,
            text: "the cluster file's profile is strict: recommended checks count as mandatory",
          },
        ]
      : []),
    ...unused.map(({ check, hosts, why, expires, unused: reason }) => ({
      about: 'waivers' as const,
      text: `the waiver of ${check}${hosts.length === 0 ? '' : ` on ${hosts.join(', ')}`} (${why}${expires === undefined ? '' : `; until ${expires}`}) waived nothing: ${
        reason === 'no-subject' ? 'the check judges nothing there' : 'nothing failed'
      }; remove it`,
    })),
  ];
}

/** Verdicts that share a reason, such as all those of a host that could not be reached; in order of first appearance. */
export function byReason(
  verdicts: readonly Verdict[],
): readonly { readonly reason: string; readonly verdicts: readonly Verdict[] }[] {
  const groups = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const reason = verdict.reason ?? 'no reason was recorded';
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
  const parts = [...(host === undefined ? [] : [host]), ...(service === undefined ? [] : [`service ${service}`])];
  return parts.length === 0 ? 'the cluster' : parts.join(', ');
}

/** One plain sentence: why the verdict is what it is. A cluster left changed is said first. */
export function sentence(record: RunRecord): string {
  const left = record.restored ? '' : leftToGuards(record) ? NOT_KNOWN_HERE : `The cluster is NOT as it was found. `;
  const ending = record.interrupted === undefined ? '' : interruptions[record.interrupted];
  return `${left}${ending}${ended(reasonOf(record))}`;
}

const NOT_KNOWN_HERE = 'Whether the cluster is as it was found is not known here: that was left to its guards. ';

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
  const counts = outcomeCounts(record);
  const applicable = record.verdicts.length - counts['not-applicable'];
  const passed =
    counts.pass === applicable
      ? `All ${plural(counts.pass, 'check')} that apply passed`
      : `${plural(counts.pass, 'check')} of ${applicable} passed`;
  const skipped = (record.leftOut ?? []).filter(({ by }) => by === 'skip').length;
  const extras = [
    ...(counts.warn > 0 ? [plural(counts.warn, 'warning')] : []),
    ...(counts.waived > 0 ? [`${plural(counts.waived, 'failure')} waived by the cluster file`] : []),
    ...(skipped > 0 ? [`${plural(skipped, 'check')} skipped by --skip`] : []),
  ];
  return [passed, ...extras].join(', ');
}

function drillSentence(failovers: RunRecord['failovers']): string {
  const unlike = failovers.filter(({ outcome }) => outcome === 'warn').length;
  const made = `The service came back in ${failovers.length === 1 ? 'the drill' : `all ${plural(failovers.length, 'drill')}`}`;
  return unlike === 0 ? made : `${made}, in ${unlike} not as predicted`;
}

function failure(record: RunRecord): string {
  const [diagnosis] = record.diagnoses;
  if (diagnosis !== undefined) return diagnosis.summary;
  const lost = record.failovers.find(({ outcome }) => outcome === 'fail');
  if (lost !== undefined) return `${lost.scenario}: ${lost.reason ?? 'the service did not come back'}`;
  const failed = record.verdicts.filter(({ outcome }) => outcome === 'fail');
  const [first] = failed;
  if (first === undefined) return 'The run failed; no check says why';
  const more = failed.length > 1 ? ` (and ${plural(failed.length - 1, 'more failed check')})` : '';
  return `${first.reason ?? `${first.title}: ${subjectText(first.subject)}`}${more}`;
}

function doubt(record: RunRecord): string {
  const [problem] = record.problems;
  const told = problem === undefined ? '' : `: ${problem.message}`;
  if (record.failovers.length > 0) return `${plural(record.failovers.length, 'drill')} made, and then no more${told}`;
  if (record.verdicts.length === 0) return `Nothing was evaluated${told}`;
  const open = unevaluated(record);
  const looked = byReason(open.filter(({ outcome }) => outcome === 'error'))[0];
  const why = looked === undefined ? told : `: ${looked.reason}`;
  return open.length === 0
    ? `The run has no verdict${told}`
    : `${plural(open.length, 'check')} of ${record.verdicts.length} ${open.length === 1 ? 'was' : 'were'} not evaluated${why}`;
}

/** Whether the cluster is as it was found, in words. */
export function restoredText(record: RunRecord): string {
  const left = record.changes.filter(({ undone }) => !undone).length;
  if (leftToGuards(record)) {
    const hosts = [...new Set(record.changes.filter(({ undone }) => !undone).map(({ host }) => host))];
    return `not known here: ${plural(left, 'change')} left to the guard on ${hosts.join(', ')}`;
  }
  if (!record.restored) return `NOT restored: ${plural(left, 'change')} still on the cluster`;
  if (record.changes.length === 0) return 'nothing was changed';
  const same = (record.guards ?? []).filter(({ before, after }) => before !== undefined && before === after);
  const compared = same.length === 0 ? '' : `; ${same.map(({ host }) => host).join(', ')} compared, as found`;
  return `restored: ${plural(record.changes.length, 'change')} made and taken back${compared}`;
}

/** What the guards of the hosts did by themselves, or still have to do; empty in an ordinary run. */
export function guardNotes(record: RunRecord): readonly { readonly host: string; readonly text: string }[] {
  return (record.guards ?? []).flatMap(({ host, released, undid }) => [
    ...undid.map(({ runId, log }) => {
      const whose = runId === record.id ? 'this run' : `run ${runId}, which was cut off`;
      return { host, text: `took back by itself what ${whose} had changed: ${log.join('; ')}` };
    }),
    ...(released || undid.some(({ runId }) => runId === record.id)
      ? []
      : [
          {
            host,
            text: 'was still locked when this run ended: its guard takes back what is left within 30 s; its account is then in /var/tmp/ipvet.restored/log there',
          },
        ]),
  ]);
}

const interruptions: Readonly<Record<NonNullable<RunRecord['interrupted']>, string>> = {
  signal: 'The run was stopped before its end. ',
  'internal-error': 'ipvet itself ended before the run did. ',
  storage: 'The run could not be stored any further. ',
  refused: 'Refused: ',
  unguarded: 'The run was ended because its changes were no longer guarded. ',
};

function ended(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
