/** What became of each verdict from one run to the next. */
import type { Baseline, BaselineVerdict, VerdictChange, VerdictChangeKind } from '../model/comparison.ts';
import type { Outcome } from '../model/verdict.ts';
import { verdictKey } from './baseline.ts';

/** Those of the later run in its order, then those that it has no more. */
export function verdictChanges(before: Baseline, after: Baseline): readonly VerdictChange[] {
  const earlier = new Map(before.verdicts.map((verdict) => [verdictKey(verdict), verdict]));
  const later = new Set(after.verdicts.map(verdictKey));
  return [
    ...after.verdicts.flatMap((verdict) => changed(earlier.get(verdictKey(verdict)), verdict)),
    ...before.verdicts
      .filter((verdict) => !later.has(verdictKey(verdict)))
      .flatMap((verdict) => absent(verdict, after)),
  ];
}

function changed(before: BaselineVerdict | undefined, after: BaselineVerdict): VerdictChange[] {
  const change = changeOf(before?.outcome, after.outcome);
  if (change === undefined) return [];
  const { check, title, severity, subject, outcome } = after;
  // What is fixed has its reason behind it: what failed.
  const reason = after.reason ?? (change === 'fixed' || change === 'warning-gone' ? before?.reason : undefined);
  return [
    {
      change,
      check,
      title,
      severity,
      subject,
      ...(before === undefined ? {} : { before: before.outcome }),
      after: outcome,
      ...(reason === undefined ? {} : { reason }),
    },
  ];
}

const open = (outcome: Outcome | undefined): boolean => outcome === 'error' || outcome === 'not-run';

/** Undefined for what is as it was and well. */
function changeOf(before: Outcome | undefined, after: Outcome): VerdictChangeKind | undefined {
  switch (after) {
    case 'fail':
      return before === 'fail' ? 'still-failing' : 'new-failure';
    case 'error':
    case 'not-run':
      return open(before) ? 'still-not-evaluated' : 'newly-not-evaluated';
    case 'waived':
      return before === 'waived' ? undefined : 'newly-waived';
    case 'warn':
      if (before === 'fail') return 'eased';
      return before === 'warn' ? undefined : 'new-warning';
    case 'not-applicable':
      if (before === 'fail' || before === 'warn') return 'no-longer-applies';
      return open(before) ? 'evaluated-again' : undefined;
    case 'pass':
      if (before === 'fail' || before === 'waived') return 'fixed';
      if (before === 'warn') return 'warning-gone';
      return open(before) ? 'evaluated-again' : undefined;
  }
}

/** A check that did not apply before is not missed. */
function absent(verdict: BaselineVerdict, after: Baseline): VerdictChange[] {
  if (verdict.outcome === 'not-applicable') return [];
  const { check, title, severity, subject, outcome } = verdict;
  return [
    {
      change: 'no-longer-judged',
      check,
      title,
      severity,
      subject,
      before: outcome,
      reason: whyAbsent(verdict, after),
    },
  ];
}

function whyAbsent(
  { check, subject: { host, service } }: BaselineVerdict,
  { cluster, leftOut, run }: Baseline,
): string {
  if (host !== undefined && !cluster.hosts.some(({ name }) => name === host)) return `${host} has left the cluster`;
  if (service !== undefined && !cluster.services.some(({ name }) => name === service))
    return `service ${service} has left the cluster`;
  if (leftOut.includes(check)) return 'left out of the later run';
  if (run.interrupted !== undefined) return `the later run ended early (${run.interrupted})`;
  return `ipvet ${run.command} did not set out to judge it`;
}

/** Whether the later run could have judged it: its host and service are still in the cluster. */
export function isMissed({ change, subject: { host, service } }: VerdictChange, { cluster }: Baseline): boolean {
  return (
    change === 'no-longer-judged' &&
    (host === undefined || cluster.hosts.some(({ name }) => name === host)) &&
    (service === undefined || cluster.services.some(({ name }) => name === service))
  );
}
