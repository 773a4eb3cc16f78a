/** Verdict, outcomes and the sentences that every format for people begins and ends with. */
import type { Certainty } from '../../../lib/model/diagnosis.ts';
import type { HostRole } from '../../../lib/model/cluster.ts';
import type { RunRecord } from '../../../lib/model/run-record.ts';
import type { Outcome } from '../../../lib/model/verdict.ts';
import { count, plural } from '../../numbers.ts';

export const units = {
  minutes: (minutes: number, seconds: string) => `${minutes} min ${seconds} s`,
  hours: (hours: string, minutes: string) => `${hours} h ${minutes} min`,
  perSecond: (figure: string) => `${figure}/s`,
};

const outcomes: Readonly<Record<Outcome, string>> = {
  fail: 'failed',
  error: 'could not tell',
  'not-run': 'not run',
  warn: 'warning',
  waived: 'waived',
  pass: 'passed',
  'not-applicable': 'not applicable',
};

const verdicts: Readonly<Record<RunRecord['verdict'], string>> = {
  pass: 'PASS',
  fail: 'FAIL',
  inconclusive: 'INCONCLUSIVE',
};

const interruptions: Readonly<Record<NonNullable<RunRecord['interrupted']>, string>> = {
  signal: 'The run was stopped before its end. ',
  'internal-error': 'ipvet itself ended before the run did. ',
  storage: 'The run could not be stored any further. ',
  refused: 'Refused: ',
  unguarded: 'The run was ended because its changes were no longer guarded. ',
};

const certainty: Readonly<Record<Certainty, string>> = { certain: 'certain', likely: 'likely', possible: 'possible' };

const roles: Readonly<Record<HostRole, string>> = {
  director: 'director',
  'real-server': 'real server',
  client: 'client',
};

const planNoteTitles = { 'left out': 'left out', waivers: 'waivers', profile: 'profile' };

export const summary = {
  outcomes,
  verdicts,
  interruptions,
  certainty,
  roles,
  checks: (n: number) => plural(n, 'check'),
  cluster: 'cluster',
  theCluster: 'the cluster',
  place: (host: string | undefined, service: string | undefined) =>
    [...(host === undefined ? [] : [host]), ...(service === undefined ? [] : [`service ${service}`])].join(', '),
  and: (names: readonly string[]) => names.join(', '),
  /** Ends a sentence that does not end yet. */
  ended: (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`),
  notKnown: 'Whether the cluster is as it was found is not known here: that was left to its guards. ',
  notAsFound: 'The cluster is NOT as it was found. ',
  allPassed: (n: number) => `All ${plural(n, 'check')} that apply passed`,
  somePassed: (passed: number, of: number) => `${plural(passed, 'check')} of ${of} passed`,
  warnings: (n: number) => plural(n, 'warning'),
  waivedFailures: (n: number) => `${plural(n, 'failure')} waived by the cluster file`,
  skippedByFlag: (n: number) => `${plural(n, 'check')} skipped by --skip`,
  failedUnexplained: 'The run failed; no check says why',
  moreFailed: (n: number) => ` (and ${plural(n, 'more failed check')})`,
  nothingEvaluated: (told: string) => `Nothing was evaluated${told}`,
  noVerdict: (told: string) => `The run has no verdict${told}`,
  notEvaluated: (n: number, of: number, why: string) =>
    `${plural(n, 'check')} of ${of} ${n === 1 ? 'was' : 'were'} not evaluated${why}`,
  drills: {
    cameBack: (n: number) => `The service came back in ${n === 1 ? 'the drill' : `all ${plural(n, 'drill')}`}`,
    unlike: (text: string, n: number) => `${text}, in ${count(n)} not as predicted`,
    lost: 'the service did not come back',
    failed: (scenario: string, why: string) => `${scenario}: ${why}`,
    notDone: (scenario: string, reason: string) => `${scenario} was not done: ${reason}`,
    noMore: (n: number, told: string) => `${plural(n, 'drill')} made, and then no more${told}`,
    undecided: (n: number, why: string) => `${plural(n, 'drill')} made, without a verdict${why}`,
  },
  told: (message: string) => `: ${message}`,
  noReason: 'no reason was recorded',
  restored: {
    leftToGuards: (left: number, hosts: string) =>
      `not known here: ${plural(left, 'change')} left to the guard on ${hosts}`,
    notRestored: (left: number) => `NOT restored: ${plural(left, 'change')} still on the cluster`,
    nothing: 'nothing was changed',
    compared: (hosts: string) => `; ${hosts} compared, as found`,
    restored: (n: number) => `restored: ${plural(n, 'change')} made and taken back`,
  },
  guards: {
    thisRun: 'this run',
    otherRun: (id: string) => `run ${id}, which was cut off`,
    tookBack: (whose: string, log: string) => `took back by itself what ${whose} had changed: ${log}`,
    stillLocked:
      'was still locked when this run ended: its guard takes back what is left within 30 s; its account is then in /var/tmp/ipvet.restored/log there',
  },
  planNoteTitles,
  plan: {
    mandatory: (check: string) => `${check} (mandatory)`,
    skipped: (n: number, names: string) => `${plural(n, 'check')} skipped by --skip: ${names}`,
    minimal: (n: number) => `${plural(n, 'recommended check')} left out by the cluster file's profile minimal`,
    strict: "the cluster file's profile is strict: recommended checks count as mandatory",
    unusedWaiver: (check: string, hosts: string, why: string, expires: string | undefined, noSubject: boolean) =>
      `the waiver of ${check}${hosts === '' ? '' : ` on ${hosts}`} (${why}${expires === undefined ? '' : `; until ${expires}`}) waived nothing: ${
        noSubject ? 'the check judges nothing there' : 'nothing failed'
      }; remove it`,
  },
  failedTitle: (explained: boolean): string => (explained ? 'Failed, and not explained above' : 'Failed'),
  of: (n: number, all: number) => `${count(n)} of ${count(all)}`,
};
