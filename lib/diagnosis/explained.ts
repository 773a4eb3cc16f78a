/** The verdicts under load that a cause accounts for. Pure. */
import type { Verdict } from '../model/verdict.ts';
import { type DiagnosisInput, keyOf } from './input.ts';

/** Checks that say what went wrong for clients, or past the director. */
const symptomChecks = ['traffic/requests', 'traffic/handshakes', 'traffic/reconciliation', 'traffic/distribution'];

export function failedUnderLoad(input: DiagnosisInput, service: string): readonly Verdict[] {
  return input.verdicts.filter(
    ({ check, outcome, subject }) =>
      symptomChecks.includes(check) && (outcome === 'fail' || outcome === 'warn') && subject.service === service,
  );
}

/** As `check@host/service`: those, and the thresholds that were crossed. */
export function explainedUnderLoad(input: DiagnosisInput, service: string): readonly string[] {
  const thresholds = input.verdicts.filter(
    ({ check, outcome, subject }) =>
      check === 'traffic/thresholds' && outcome === 'fail' && subject.service === service,
  );
  return [...failedUnderLoad(input, service), ...thresholds].map(keyOf);
}
