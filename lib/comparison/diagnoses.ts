/** Which causes came, stayed and went. */
import type { Baseline, BaselineDiagnosis, DiagnosisChange } from '../model/comparison.ts';
import { verdictKey } from './baseline.ts';

const keyOf = ({ cause, host, service }: BaselineDiagnosis) => JSON.stringify([cause, host, service]);

/** Those of the later run in its order, the most probable first, then those that it does not name. */
export function diagnosisChanges(before: Baseline, after: Baseline): readonly DiagnosisChange[] {
  const earlier = new Map(before.diagnoses.map((diagnosis) => [keyOf(diagnosis), diagnosis]));
  const later = new Set(after.diagnoses.map(keyOf));
  return [
    ...after.diagnoses.map((diagnosis): DiagnosisChange => {
      const known = earlier.get(keyOf(diagnosis));
      return {
        change: known === undefined ? 'new' : 'still',
        ...told(diagnosis),
        ...(known === undefined || known.certainty === diagnosis.certainty ? {} : { certaintyBefore: known.certainty }),
      };
    }),
    ...before.diagnoses
      .filter((diagnosis) => !later.has(keyOf(diagnosis)))
      .map((diagnosis): DiagnosisChange => ({
        change: wasLookedFor(diagnosis, before, after) ? 'gone' : 'not-looked-for',
        ...told(diagnosis),
      })),
  ];
}

function told({ cause, summary, host, service, certainty }: BaselineDiagnosis) {
  return {
    cause,
    summary,
    ...(host === undefined ? {} : { host }),
    ...(service === undefined ? {} : { service }),
    certainty,
  };
}

/** Everything that it explained has an answer in the later run; one that explained nothing takes the same command. */
function wasLookedFor({ explains }: BaselineDiagnosis, before: Baseline, { verdicts, run }: Baseline): boolean {
  if (run.interrupted !== undefined) return false;
  if (explains.length === 0) return run.command === before.run.command;
  const answered = new Set(
    verdicts.filter(({ outcome }) => outcome !== 'error' && outcome !== 'not-run').map(verdictKey),
  );
  return explains.every((key) => answered.has(key));
}
