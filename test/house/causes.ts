/** The causes that diagnosis can name: by rules that know one cause, and by what a check found. */
import { readdirSync } from 'node:fs';

import type { Causes } from '../../checks/fault-coverage.ts';
import { finding } from '../../lib/diagnosis/rules/finding.ts';
import { rules } from '../../lib/diagnosis/rules/index.ts';

export const causes: Causes = {
  ofRules: [...new Set(rules.filter((rule) => rule !== finding).flatMap((rule) => rule.causes))],
  ofFindings: finding.causes,
  pages: readdirSync(new URL('../../docs/diagnoses', import.meta.url)).map((name) => name.replace(/\.md$/, '')),
};
