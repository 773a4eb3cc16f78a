/** The diagnosis of a run: what it knows already, then an experiment where that leaves a cause open, and the causes. */
import { diagnose, unexplained } from '../diagnosis/diagnose.ts';
import { unnamedFates } from '../diagnosis/followed.ts';
import { toProbe } from '../diagnosis/open-questions.ts';
import type { Rule } from '../diagnosis/rule.ts';
import { asIpvetError, IpvetError } from '../errors.ts';
import type { Probing } from '../model/ends.ts';
import { diagnosisInput, type Known } from './diagnosis-input.ts';
import type { Journal } from './journal.ts';
import { tellProblem, timed } from './stages.ts';

/** Each takes about 5 s. */
const mostExperiments = 3;

/**
 * Tells every cause, and what no cause was found for. An experiment that could not be made is told too, and a rule that throws.
 * Never rejects: what the run has changed is still to be put back.
 */
export async function diagnoseRun(known: Known, journal: Journal, signal: AbortSignal): Promise<void> {
  try {
    await tellCauses(known, journal, signal);
  } catch (error) {
    const failure = asIpvetError(error, 'INTERNAL', 'looking for causes');
    if (failure.code !== 'ABORTED') tellProblem(journal, failure);
  }
}

async function tellCauses(known: Known, journal: Journal, signal: AbortSignal): Promise<void> {
  let input = await diagnosisInput(known);
  const broken = new Map<Rule, IpvetError>();
  const onBroken = (rule: Rule, error: unknown) => {
    broken.set(rule, asIpvetError(error, 'INTERNAL', `the rule for ${rule.causes.slice(0, 3).join(', ')}`));
  };
  let diagnoses = diagnose(input, { onBroken });
  const probings = new Map<string, Probing>();
  for (const service of toProbe(input, diagnoses).slice(0, mostExperiments)) {
    if (signal.aborted) break;
    try {
      const probing = await timed(journal, `probe ${service.name}`, async () => known.traffic?.probe(service));
      if (probing === undefined) continue;
      journal.append({ type: 'probing', probing });
      probings.set(service.name, probing);
    } catch (error) {
      tellProblem(journal, asIpvetError(error, 'LOAD', `probing ${service.name}`));
    }
  }
  if (probings.size > 0) {
    input = await diagnosisInput(known, probings);
    diagnoses = diagnose(input, { onBroken });
  }
  for (const error of broken.values()) tellProblem(journal, error);
  for (const diagnosis of diagnoses) journal.append({ type: 'diagnosis', diagnosis });
  const open = unexplained(input, diagnoses);
  if (open.length === 0) return;
  const seen = unnamedFates(input);
  const hint =
    seen.length > 0
      ? seen.join('; ')
      : 'the verdicts name what was seen; the samples show which real server and state the connections were in';
  tellProblem(journal, new IpvetError('UNDIAGNOSED', `no cause was found for ${open.join(', ')}`, { hint }));
}
