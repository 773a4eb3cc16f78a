/**
 * What a schema cannot say: names that must exist, addresses that must differ, limits that must make sense. Works on
 * what of a file is well-formed, so that these problems show together with those of form. Whether a VIP lies in a
 * director's subnet is not known here: the file has no prefixes, the director has.
 */
import { hostRules } from './host-rules.ts';
import { loadRules } from './load-rules.ts';
import type { LooseFile, Report } from './rule.ts';
import { ruleOptions } from './rule-options.ts';
import { serviceRules } from './service-rules.ts';

/** `today` as YYYY-MM-DD. */
export function semanticProblems(file: LooseFile, report: Report, today: string): void {
  hostRules(file, report);
  serviceRules(file, report);
  ruleOptions(file, report);
  loadRules(file, report, today);
  if ((file.checks?.custom ?? []).length > 0)
    report(
      ['checks', 'custom'],
      'checks of your own are not supported yet',
      'remove `custom`; they would not be run',
      'key',
    );
}
