/**
 * JUnit XML as Jenkins (junit-10.xsd of its xUnit plugin) and GitLab read it: a suite for each stage and one for drills, a
 * test case for each verdict and each drill. A failed check is a <failure>; what could not be judged is an <error>, so that
 * a CI server never shows it green. The first suite, `run`, says whether the run itself got to its end and took back
 * what it changed.
 */
import type { Diagnosis } from '../lib/model/diagnosis.ts';
import type { Failover } from '../lib/model/failover.ts';
import type { Evidence, Remedy } from '../lib/model/evidence.ts';
import type { LeftOut, RunRecord } from '../lib/model/run-record.ts';
import type { Verdict } from '../lib/model/verdict.ts';
import { drillOutcomes, rangeText, rowOf } from './failover.ts';
import { keyOf, placeOf, planNotes, restoredText, sentence, subjectText, verdictWords } from './summary.ts';
import { brief, capped, valueText } from './visible.ts';
import { element, xmlText } from './xml.ts';

type Result = 'passed' | 'failure' | 'error' | 'skipped';

interface Case {
  readonly xml: string;
  readonly result: Result;
  readonly seconds: number;
}

/** Ends with a newline. */
export function renderJunit(record: RunRecord): string {
  const timestamp = record.startedAt.slice(0, 19);
  const groups = new Map<string, Verdict[]>();
  for (const verdict of record.verdicts) {
    const group = groups.get(verdict.stage) ?? [];
    groups.set(verdict.stage, group);
    group.push(verdict);
  }
  const suites = [...groups].map(([name, verdicts]) =>
    suite(name, verdicts.map(verdictCase), timestamp, diagnosesOf(record, verdicts)),
  );
  if (record.failovers.length > 0) suites.push(suite('failover', record.failovers.map(drillCase), timestamp, []));
  const told = suites.some(({ failures, errors }) => failures + errors > 0);
  const run = [...runCases(record, told), ...(record.leftOut ?? []).map(leftOutCase)];
  const notes = planNotes(record).map(({ about, text }) => `${about.toUpperCase()} ${brief(text, 2000)}`);
  const all = [suite('run', run, timestamp, [...notes, ...record.diagnoses.map(diagnosisText)]), ...suites];
  const sum = (pick: (one: Suite) => number) => all.reduce((total, one) => total + pick(one), 0);
  const body = element(
    'testsuites',
    {
      name: `ipvet ${record.command} ${record.cluster.name}`,
      tests: sum(({ tests }) => tests),
      failures: sum(({ failures }) => failures),
      errors: sum(({ errors }) => errors),
      time: seconds(Math.max(0, Date.parse(record.endedAt) - Date.parse(record.startedAt)) / 1000),
    },
    ['\n', ...all.map(({ xml }) => `${xml}\n`)],
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${body}\n`;
}

interface Suite {
  readonly xml: string;
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
}

function suite(name: string, cases: readonly Case[], timestamp: string, output: readonly string[]): Suite {
  const tally = (result: Result) => cases.filter((one) => one.result === result).length;
  const totals = { tests: cases.length, failures: tally('failure'), errors: tally('error') };
  const xml = element(
    'testsuite',
    {
      name,
      ...totals,
      skipped: tally('skipped'),
      time: seconds(cases.reduce((total, one) => total + one.seconds, 0)),
      timestamp,
    },
    [
      '\n',
      ...cases.map((one) => `${one.xml}\n`),
      ...(output.length === 0 ? [] : [`${element('system-out', {}, [xmlText(output.join('\n\n'))])}\n`]),
    ],
  );
  return { xml, ...totals };
}

/** What a verdict alone cannot say: a run that broke off, and a cluster left changed. */
function runCases(record: RunRecord, told: boolean): Case[] {
  const whole = record.interrupted === undefined && record.problems.length === 0 && (record.verdict === 'pass' || told);
  const details = [
    sentence(record),
    ...record.problems.map(({ code, message, hint }) => `${code}: ${message}${hint === undefined ? '' : `\n${hint}`}`),
  ];
  const left = record.changes.filter(({ undone }) => !undone);
  return [
    testCase('run/complete', 'The run got to its end', 0, [
      whole
        ? ['passed', element('system-out', {}, [xmlText(`${verdictWords[record.verdict]}: ${sentence(record)}`)])]
        : ['error', problem('error', record.interrupted ?? 'incomplete', sentence(record), details.join('\n'))],
    ]),
    testCase('run/restored', 'The cluster is as it was found', 0, [
      record.restored
        ? ['passed', element('system-out', {}, [xmlText(restoredText(record))])]
        : [
            'failure',
            problem(
              'failure',
              'not-restored',
              restoredText(record),
              left
                .map(({ host, what, undo, undoError }) => `${host}: ${what}\nundo: ${undo}\n${undoError ?? ''}`)
                .join('\n'),
            ),
          ],
    ]),
  ];
}

/** What was not judged must not look as if it never was to be. */
function leftOutCase({ check, title, severity, by, subjects }: LeftOut): Case {
  const how = by === 'skip' ? 'skipped by --skip' : "left out by the cluster file's profile minimal";
  const message = `${how}: ${severity}, would have been judged ${subjects === 1 ? 'once' : `${subjects} times`}`;
  return testCase(check, title, 0, [['skipped', element('skipped', { type: 'left-out', message })]]);
}

function verdictCase(verdict: Verdict): Case {
  const reason = verdict.reason ?? verdict.title;
  const outcome = ((): [Result, string] => {
    switch (verdict.outcome) {
      case 'fail':
        return ['failure', problem('failure', verdict.severity, reason, detail(verdict))];
      case 'error':
      case 'not-run':
        return ['error', problem('error', verdict.outcome, reason, detail(verdict))];
      case 'not-applicable':
      case 'waived':
        return ['skipped', element('skipped', { type: verdict.outcome, message: brief(reason) })];
      case 'warn':
        return ['passed', element('system-out', {}, [xmlText(`WARNING: ${reason}\n${detail(verdict)}`)])];
      case 'pass':
        return ['passed', ''];
    }
  })();
  return testCase(verdict.check, `${verdict.title} (${subjectText(verdict.subject)})`, verdict.durationMs / 1000, [
    outcome,
  ]);
}

function drillCase(drill: Failover): Case {
  const { scenario, load, repeat, of, outcome, reason = drillOutcomes[outcome], takeover, failback } = drill;
  const row = rowOf([drill]);
  const text = [
    `outage ${row.measured}, predicted ${row.predicted}; noticed after ${row.detected}, predicted ${rangeText(takeover.predicted?.reaction)}`,
    `way back ${row.failback}, predicted ${rangeText(failback.predicted?.outage)}`,
    `probes: ${row.errors}`,
    `kept connections: ${row.kept}`,
    `available: ${row.availability}`,
  ].join('\n');
  const result = ((): [Result, string] => {
    switch (outcome) {
      case 'fail':
        return ['failure', problem('failure', 'failover', reason, text)];
      case 'inconclusive':
        return ['error', problem('error', 'failover', reason, text)];
      case 'warn':
        return ['passed', element('system-out', {}, [xmlText(`WARNING: ${reason}\n${text}`)])];
      case 'pass':
        return ['passed', element('system-out', {}, [xmlText(text)])];
    }
  })();
  const tookMs = failback.endedMs - takeover.beganMs;
  return testCase(
    `failover/${scenario}`,
    `${scenario}, ${load} load, ${repeat} of ${of} (${drill.service})`,
    tookMs / 1000,
    [result],
  );
}

function testCase(classname: string, name: string, time: number, [[result, child]]: readonly [[Result, string]]): Case {
  const attributes = { classname: brief(classname, 200), name: brief(name), time: seconds(time) };
  return { xml: element('testcase', attributes, child === '' ? [] : [child]), result, seconds: time };
}

function problem(kind: 'failure' | 'error', type: string, message: string, text: string): string {
  return element(kind, { type, message: brief(message) }, [xmlText(text)]);
}

function detail(verdict: Verdict): string {
  return [
    ...(verdict.hint === undefined ? [] : [capped(verdict.hint).text]),
    ...(verdict.found === undefined ? [] : [`found: ${capped(valueText(verdict.found)).text}`]),
    ...(verdict.expected === undefined ? [] : [`expected: ${capped(valueText(verdict.expected)).text}`]),
    ...verdict.evidence.map(evidenceText),
    ...(verdict.remedy === undefined ? [] : [remedyText(verdict.remedy)]),
  ].join('\n');
}

/** Diagnoses that account for a verdict of the suite. */
function diagnosesOf(record: RunRecord, verdicts: readonly Verdict[]): string[] {
  const keys = new Set(verdicts.map(keyOf));
  return record.diagnoses.filter(({ explains }) => explains.some((key) => keys.has(key))).map(diagnosisText);
}

function diagnosisText(diagnosis: Diagnosis): string {
  return [
    `DIAGNOSIS ${brief(diagnosis.cause)} on ${brief(placeOf(diagnosis))} (${diagnosis.certainty})`,
    brief(diagnosis.summary),
    ...diagnosis.because.map((reason) => `because ${brief(reason)}`),
    ...diagnosis.evidence.map(evidenceText),
    ...(diagnosis.remedy === undefined ? [] : [remedyText(diagnosis.remedy)]),
    ...diagnosis.ruledOut.map(({ cause, because }) => `ruled out ${brief(cause)}: ${brief(because)}`),
  ].join('\n');
}

function evidenceText({ host, command, output, exitCode }: Evidence): string {
  const { text, note } = capped(output);
  return `${brief(host)}# ${brief(command)}\n${text}${note === undefined ? '' : `\n[${note}]`}${exitCode === undefined || exitCode === 0 ? '' : `\n[exit code ${exitCode}]`}`;
}

function remedyText({ host, summary, commands }: Remedy): string {
  return `remedy on ${brief(host)}: ${brief(summary)}\n${commands.map((command) => `  ${brief(command)}`).join('\n')}`;
}

/** Three decimals at most, as junit-10.xsd wants it. */
function seconds(value: number): string {
  return (Number.isFinite(value) && value > 0 ? value : 0).toFixed(3);
}
