/**
 * The director's kernel has no IPVS, or not the scheduler of the service, and cannot load it: then there is no virtual
 * service, no connection table to watch, and no load to be judged by. A rule of its own, because findings wait for load.
 */
import type { Director, VirtualService } from '../../model/cluster.ts';
import type { Diagnosis } from '../../model/diagnosis.ts';
import { type DiagnosisInput, failures, isStandby, verdictOn } from '../input.ts';
import type { Rule } from '../rule.ts';

const missing = {
  'director/ip-vs-module': 'ip-vs-module-missing',
  'director/scheduler': 'scheduler-module-missing',
} as const;

const explained = [...Object.keys(missing), 'virtual-service/rules'];

export const ipvsAbsent: Rule = {
  causes: Object.values(missing),
  evaluate: (input) =>
    input.cluster.virtualServices.flatMap((service) =>
      input.cluster.directors.flatMap((director) => diagnosisOf(input, service, director) ?? []),
    ),
};

function diagnosisOf(input: DiagnosisInput, service: VirtualService, { name }: Director): Diagnosis | undefined {
  if (isStandby(input, service.name, name) || input.observation(service.name)?.load !== undefined) return undefined;
  const rules = verdictOn(input, 'virtual-service/rules', name, service.name);
  if (rules?.outcome !== 'fail') return undefined;
  // Without IPVS no scheduler can be loaded either.
  for (const [check, cause] of Object.entries(missing)) {
    const verdict = verdictOn(input, check, name, service.name);
    if (verdict?.outcome !== 'fail') continue;
    return {
      cause,
      summary: verdict.reason ?? verdict.title,
      host: name,
      service: service.name,
      certainty: 'likely',
      because: [verdict, rules].map(({ reason, title }) => reason ?? title),
      evidence: [...verdict.evidence, ...rules.evidence],
      ...(verdict.remedy === undefined ? {} : { remedy: verdict.remedy }),
      ruledOut: [],
      explains: failures(input, explained, name, service.name),
    };
  }
  return undefined;
}
