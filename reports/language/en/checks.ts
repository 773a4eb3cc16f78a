/** Gates, the matrix, every check, and the way to the diagnosis. */
import type { Severity, Stage } from '../../../lib/model/check.ts';
import type { Outcome } from '../../../lib/model/verdict.ts';
import { count, plural } from '../../numbers.ts';

const stages: Readonly<Record<Stage, string>> = { pre: 'pre', post: 'post', traffic: 'traffic' };
const severities: Readonly<Record<Severity, string>> = { mandatory: 'mandatory', recommended: 'recommended' };

/** Short enough for a cell; the shape beside it says the same. */
const cells: Readonly<Record<Outcome, string>> = {
  pass: 'pass',
  fail: 'FAIL',
  warn: 'warn',
  error: 'unknown',
  'not-run': 'not run',
  waived: 'waived',
  'not-applicable': 'n/a',
};

const folders: Readonly<Record<string, string>> = {
  director: 'Director',
  'real-server': 'Real servers',
  'virtual-service': 'Virtual services',
  client: 'Client',
  network: 'Network',
  traffic: 'Under load',
  ha: 'High availability',
  custom: 'Your own checks',
  suite: 'Your own suites',
};

export const gates = {
  title: 'Gates and thresholds',
  label: 'Gates',
  columns: ['Gate', 'Result', 'Passed', 'Failed', 'Waived', 'Not evaluated', 'Not applicable'],
  pre: 'Prerequisites, mandatory checks',
  post: 'Rules in place, mandatory checks',
  traffic: 'Under load, mandatory checks',
  recommended: 'Recommended checks, which only warn',
  drills: 'Failover drills',
  restored: 'Cluster as it was found',
  none: 'nothing to judge',
  open: 'open',
  thresholds: 'Thresholds of the cluster file',
  thresholdColumns: ['Service', 'Figure', 'Measured', 'Limit', 'Result'],
  noThresholds: 'The cluster file sets no threshold for a load of this run.',
  noSample: 'no sample',
  atMost: (limit: string) => `at most ${limit}`,
  atLeast: (limit: string) => `at least ${limit}`,
};

export const checks = {
  title: 'Hosts and checks',
  intro: 'Each cell leads to what was found and expected, the command, its output and the remedy.',
  keys: 'Arrow keys go from cell to cell, Enter opens.',
  show: 'Show',
  host: 'Host',
  all: 'all',
  search: 'Search',
  trouble: 'trouble only',
  worstFirst: 'worst first',
  shownTemplates: { one: '{n} check shown', many: '{n} checks shown' },
  cells,
  folders,
  details: {
    title: 'Every check',
    intro: 'What was found and expected, why, by which command, and how to mend it.',
    printed:
      'Checks that passed or do not apply are listed in the matrix above; what they were judged by is in the HTML file.',
    compact: (n: number) =>
      `With ${count(n)} checks, those that passed have a row each; what hosts printed for them is in run.json.`,
    passed: (n: number) => `${count(n)} passed`,
    notApplicable: (n: number) => `${count(n)} do not apply`,
    facts: (severity: Severity, stage: Stage, took: string) =>
      `${severities[severity]}, stage ${stages[stage]}, took ${took}`,
    link: 'link to this',
  },
};

export const trace = {
  title: 'How the diagnosis came about',
  nothing: 'Nothing failed, so no cause was looked for.',
  notLooked: 'Checks failed, and no load was sent or no rule explains them: no cause is named.',
  failed: (n: number) =>
    `${plural(n, 'check')} failed or warned. These causes were considered, the most probable first:`,
  label: 'Causes that were considered',
  columns: ['Cause', 'Result', 'On these grounds'],
  ruledIn: (certainty: string) => `ruled in, ${certainty}`,
  ruledOut: 'ruled out',
  unexplained: (n: number) => `${plural(n, 'failed check')} no cause explains:`,
};
