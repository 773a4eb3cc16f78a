/** In what a run that was judged again differs from what was judged then, and why. Pure. */
import type { AnalysisRecord, ChangedVerdict, RunRecord } from '../model/run-record.ts';
import type { Verdict } from '../model/verdict.ts';
import { pairKey } from './record.ts';

export function differencesOf(before: RunRecord, now: RunRecord, version: string): AnalysisRecord {
  const { id, startedAt, verdict, exitCode, tool } = before;
  const keyOf = ({ check, subject }: Verdict) => pairKey(check, subject);
  const then = new Map(before.verdicts.map((one) => [keyOf(one), one]));
  const changed = now.verdicts.flatMap((one): ChangedVerdict[] => {
    const was = then.get(keyOf(one));
    if (was !== undefined && sameAnswer(was, one)) return [];
    const { check, subject, outcome } = one;
    return [
      {
        check,
        subject,
        ...(was === undefined ? {} : { was: was.outcome }),
        is: outcome,
        why: why(was, one, tool.version, version),
      },
    ];
  });
  const causes = (record: RunRecord) => new Set(record.diagnoses.map(({ cause, host }) => [cause, host].join('@')));
  const [old, fresh] = [causes(before), causes(now)];
  return {
    run: { id, version: tool.version, startedAt, verdict, exitCode },
    changed,
    causesGone: [...old].filter((cause) => !fresh.has(cause)),
    causesNew: [...fresh].filter((cause) => !old.has(cause)),
  };
}

function sameAnswer(a: Verdict, b: Verdict): boolean {
  return a.outcome === b.outcome && JSON.stringify(a.faults ?? []) === JSON.stringify(b.faults ?? []);
}

function why(was: Verdict | undefined, now: Verdict, then: string, version: string): string {
  if (now.outcome === 'not-run' || now.outcome === 'error') return now.reason ?? 'it could not be told';
  if (was === undefined) return `ipvet ${then} did not judge it`;
  if (was.outcome === 'not-run') return 'the run had ended before it was looked at';
  if (then !== version) return `ipvet ${version} judges the same facts in another way than ipvet ${then}`;
  return 'the same version judged it in another way: what was taken out of the facts matters to it';
}
