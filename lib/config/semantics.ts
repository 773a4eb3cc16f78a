/**
 * What a schema cannot say: names that must exist, addresses that must differ, limits that must make sense. Works on
 * what of a file is well-formed, so that these problems show together with those of form. Whether a VIP lies in a
 * director's subnet is not known here: the file has no prefixes, the director has.
 */
import { hostRules } from './host-rules.ts';
import { loadRules } from './load-rules.ts';
import { ownCheckRules } from './own-checks.ts';
import type { LooseFile, Report } from './rule.ts';
import { ruleOptions } from './rule-options.ts';
import { serviceRules } from './service-rules.ts';
import { waiverRules } from './waiver-rules.ts';

/** `today` as YYYY-MM-DD; `checkIds` are those of the catalogue, absent where it is not known. */
export function semanticProblems(file: LooseFile, report: Report, today: string, checkIds?: readonly string[]): void {
  hostRules(file, report);
  serviceRules(file, report);
  ruleOptions(file, report);
  loadRules(file, report);
  ownCheckRules(file, report);
  waiverRules(file, report, { today, checkIds });
}
