/** Labels of the summary for a terminal. */
import { count, plural } from '../../numbers.ts';

export const text = {
  on: 'on',
  because: 'because',
  ruledOut: 'ruled out',
  explains: 'explains',
  mend: 'mend',
  mendOn: (host: string) => `mend on ${host}:`,
  asRoot: (what: string, host: string) => `${what} (on ${host}, as root)`,
  titled: (title: string, n: number) => `${title}: ${count(n)}`,
  warnings: 'Warnings',
  waived: 'Waived',
  notEvaluated: (n: number, of: number) => `Not evaluated: ${plural(n, 'check')} of ${count(of)}`,
  /** Columns before a figure; the widest decides where the figures begin. */
  labels: {
    shares: 'Shares',
    load: 'Load',
    sampling: 'Sampling',
    failover: 'Failover',
    checks: 'Checks',
    cluster: 'Cluster',
    stages: 'Stages',
    result: 'Result',
  },
  noteLabels: { 'left out': 'Left out', waivers: 'Waivers', profile: 'Profile' },
  shareOf: (name: string, observed: string, expected: string, n: number) =>
    `${name} ${observed} of ${expected} (${count(n)})`,
  more: (n: number) => `${count(n)} more`,
  by: (how: string) => `by ${how}`,
  requests: (answered: number, requested: number, failed: string, unsent: number, rate: string) =>
    `${count(answered)} of ${count(requested)} answered, ${failed}${unsent > 0 ? `, ${count(unsent)} never sent` : ''}, ${rate}`,
  drill: (scenario: string, load: string, times: string, outcome: string) =>
    `${scenario}, ${load}, ${times}: ${outcome}`,
  failed: (n: number) => `${count(n)} failed`,
  connect: 'connect',
  total: 'total',
  max: 'max',
  noSamples: (over: string, reason: string) => `no samples for ${over}: ${reason}`,
  outcomeCount: (n: number, word: string) => `${count(n)} ${word}`,
  nonePlanned: 'none planned',
  takeBack: (what: string, undo: string) => `${what}; to take it back: ${undo}`,
  exitCode: (code: number) => `(exit code ${code})`,
  moreInReport: (n: number) => `  and ${count(n)} more; the report has them all`,
  andMore: (names: string, n: number) => `${names} and ${count(n)} more`,
};
