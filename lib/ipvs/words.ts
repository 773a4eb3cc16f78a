/** Rules as `ipvsadm -R` reads them, and how two states differ. */
import type { IpvsRules } from '../model/facts.ts';
import { destinationWords, serviceWords } from '../model/rule-words.ts';

/** One line a rule, as `ipvsadm -R` reads them. */
export function rulesLines(rules: IpvsRules): readonly string[] {
  return rules.services.flatMap((service) => [
    `-A ${serviceWords(service).join(' ')}`,
    ...service.destinations.map((destination) => `-a ${destinationWords(service, destination).join(' ')}`),
  ]);
}

/** Lines that only one of two states has. The kernel lists rules by hash bucket: their order says nothing. */
export interface RulesDifference {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

/** Undefined when the states are the same. */
export function rulesDifference(expected: IpvsRules, actual: IpvsRules): RulesDifference | undefined {
  const wanted = rulesLines(expected);
  const found = rulesLines(actual);
  const missing = wanted.filter((line) => !found.includes(line));
  const unexpected = found.filter((line) => !wanted.includes(line));
  return missing.length + unexpected.length === 0 ? undefined : { missing, unexpected };
}

export function rulesDiffer(a: IpvsRules, b: IpvsRules): boolean {
  return rulesDifference(a, b) !== undefined;
}
