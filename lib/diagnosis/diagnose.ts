/** Every rule over one input; the answers ordered by how sure they are, then by how much they explain. Pure. */
import type { Certainty, Diagnosis } from '../model/diagnosis.ts';
import type { DiagnosisInput } from './input.ts';
import { rules } from './rules/index.ts';

const rank: Readonly<Record<Certainty, number>> = { certain: 0, likely: 1, possible: 2 };

export function diagnose(input: DiagnosisInput): readonly Diagnosis[] {
  return rules
    .flatMap((rule) => rule.evaluate(input))
    .toSorted((a, b) => rank[a.certainty] - rank[b.certainty] || b.explains.length - a.explains.length);
}

/** Failed traffic verdicts that no diagnosis accounts for: something is wrong and its cause was not found. */
export function unexplained(input: DiagnosisInput, diagnoses: readonly Diagnosis[]): readonly string[] {
  const explained = new Set(diagnoses.flatMap(({ explains }) => explains));
  return input.verdicts
    .filter(({ stage, outcome }) => stage === 'traffic' && outcome === 'fail')
    .map(
      ({ check, subject }) =>
        `${check}@${[subject.host, subject.service].filter((part) => part !== undefined).join('/')}`,
    )
    .filter((key) => !explained.has(key));
}
