/** run.json out of the journal: a pure fold, the same for a run that has just ended and for one that crashed last week. */
import type { Change, GuardRecord, HostContact, RunRecord, WaiverUse } from '../model/run-record.ts';
import type { SubjectName, Verdict } from '../model/verdict.ts';
import type { PlannedVerdict, PlannedWaiver, RunEvent } from './events.ts';
import { isMeantBy } from './judge.ts';
import { decide } from './outcome.ts';

/** Key of a planned pair: `director/vip@director1/web`. */
export function pairKey(check: string, subject: SubjectName): string {
  return `${check}@${[subject.host, subject.service].filter((part) => part !== undefined).join('/')}`;
}

/** Throws RangeError when the journal does not begin with `run-started`. */
export function recordOf(events: readonly RunEvent[], failOn: 'fail' | 'warn' = 'fail'): RunRecord {
  const first = events[0];
  if (first?.type !== 'run-started') throw new RangeError('a journal begins with run-started');
  const last = events.at(-1) ?? first;
  const of = <T extends RunEvent['type']>(type: T) =>
    events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);

  const verdicts = completeVerdicts(
    of('planned').flatMap((event) => event.verdicts),
    of('verdict').map((event) => event.verdict),
  );
  const changes = changesOf(events);
  const failovers = of('failover').map((event) => event.failover);
  const notDone = of('drill-not-done').map((event) => event.drill);
  const problems = of('problem').map((event) => event.problem);
  const interruption = of('interrupted')[0];
  // A journal without its end is that of a run that was killed.
  const interrupted = interruption?.by ?? (of('run-ended').length > 0 ? undefined : 'internal-error');
  const hosts = new Map<string, HostContact>();
  for (const { contact } of of('host-contacted')) hosts.set(contact.name, contact);

  return {
    format: 'ipvet-run/1',
    id: first.id,
    tool: { version: first.version },
    command: first.command,
    cluster: first.cluster,
    startedAt: first.at,
    endedAt: last.at,
    ...decide({
      verdicts,
      problems,
      changes,
      failovers,
      notDone,
      failOn,
      signal: interruption?.signal,
      ...(interrupted === undefined ? {} : { interrupted }),
    }),
    ...(interrupted === undefined ? {} : { interrupted }),
    problems,
    verdicts,
    diagnoses: of('diagnosis').map((event) => event.diagnosis),
    load: of('load').map((event) => event.result),
    samples: Object.fromEntries(of('sampling').map((event) => [event.sampling.service, event.sampling])),
    ends: Object.fromEntries(of('ends').map(({ service, ends }) => [service, ends])),
    distribution: of('distribution').map((event) => event.distribution),
    failovers,
    ...(notDone.length === 0 ? {} : { failoversNotDone: notDone }),
    changes,
    ...selectionOf(of('planned'), verdicts),
    guards: guardsOf(events),
    hosts: [...hosts.values()],
    stages: of('stage-ended').map(({ name, durationMs }) => ({ name, durationMs })),
    ...analysisOf(of('analysis')),
  };
}

function analysisOf([event]: readonly Extract<RunEvent, { type: 'analysis' }>[]): Pick<RunRecord, 'analysis'> {
  return event === undefined ? {} : { analysis: event.analysis };
}

/** In the order planned; what was planned and never judged is `not-run`. */
function completeVerdicts(planned: readonly PlannedVerdict[], judged: readonly Verdict[]): Verdict[] {
  const byPair = new Map(judged.map((verdict) => [pairKey(verdict.check, verdict.subject), verdict]));
  return planned.map(
    (plan) =>
      byPair.get(pairKey(plan.check, plan.subject)) ?? {
        ...plan,
        outcome: 'not-run',
        reason: 'planned, and the run ended before it was looked at',
        evidence: [],
        durationMs: 0,
      },
  );
}

/** What was left out, and what the waivers did. */
function selectionOf(
  planned: readonly Extract<RunEvent, { type: 'planned' }>[],
  verdicts: readonly Verdict[],
): Pick<RunRecord, 'leftOut' | 'waivers' | 'profile'> {
  const [plan] = planned;
  const { leftOut = [], waivers = [], profile } = plan ?? {};
  return {
    ...(leftOut.length === 0 ? {} : { leftOut }),
    ...(waivers.length === 0 ? {} : { waivers: waivers.map((waiver) => waiverUse(waiver, verdicts)) }),
    ...(profile === undefined ? {} : { profile }),
  };
}

function waiverUse({ hasSubject, ...waiver }: PlannedWaiver, verdicts: readonly Verdict[]): WaiverUse {
  const own = verdicts.filter((verdict) => isMeantBy(verdict, waiver));
  const waived = own.filter(({ outcome }) => outcome === 'waived').length;
  // One that could not be judged, or was not to be, may well fail.
  const settled = own.length > 0 && own.every(({ outcome }) => outcome === 'pass' || outcome === 'not-applicable');
  const unused = hasSubject ? (settled ? 'no-failure' : undefined) : 'no-subject';
  return { ...waiver, waived, ...(unused === undefined ? {} : { unused }) };
}

function guardsOf(events: readonly RunEvent[]): GuardRecord[] {
  const guards = new Map<string, GuardRecord>();
  const amend = (host: string, amendment: Partial<GuardRecord>) => {
    guards.set(host, { host, released: false, undid: [], ...guards.get(host), ...amendment });
  };
  for (const event of events) {
    if (event.type === 'guarded') amend(event.host, {});
    else if (event.type === 'guard-released') amend(event.host, { released: true });
    else if (event.type === 'fingerprint') amend(event.host, { [event.when]: event.digest });
    else if (event.type === 'guard-undid') {
      const { host, runId, log } = event;
      amend(host, { undid: [...(guards.get(host)?.undid ?? []), { runId, log }] });
    }
  }
  return [...guards.values()];
}

function changesOf(events: readonly RunEvent[]): Change[] {
  const changes = new Map<number, Change>();
  const amend = (id: number, amendment: Partial<Change>) => {
    const change = changes.get(id);
    if (change !== undefined) changes.set(id, { ...change, ...amendment });
  };
  for (const event of events) {
    switch (event.type) {
      case 'change-registered': {
        const { change, host, what, command, undo } = event;
        changes.set(change, { host, what, command, undo, undone: false });
        break;
      }
      case 'change-abandoned':
        changes.delete(event.change);
        break;
      case 'change-undone':
        amend(event.change, { undone: true });
        break;
      case 'undo-failed':
        amend(event.change, { undoError: event.reason });
        break;
      default:
    }
  }
  return [...changes.values()];
}
