/** What `ipvet fix` says to people. */
import type { FixDocument, PlannedFix } from '../lib/fixes/document.ts';
import { hostsOfFixes } from '../lib/fixes/document.ts';
import { nameOf } from '../lib/fixes/host-fix.ts';
import { type FixFinding, findingName } from '../lib/fixes/plan.ts';

export function planText(document: FixDocument): string {
  const { id, fixes, left, run, undecided } = document;
  const hosts = hostsOfFixes(document);
  const findings = fixes.flatMap((fix) => fix.findings).length;
  return lines([
    `${id}: ${counted(fixes.length, 'fix', 'fixes')} on ${counted(hosts.length, 'host', 'hosts')} for ${counted(findings, 'finding', 'findings')} of run ${run.id}, judged ${ago(run.ageS)} ago`,
    ...hosts.flatMap((host) => ['', host, ...fixes.filter((fix) => fix.host === host).flatMap(fixLines)]),
    ...(left.length === 0 ? [] : ['', 'not done by ipvet']),
    ...left.flatMap(({ finding, why, remedy }) => [
      `  ${heading(finding)}`,
      `     ${why}`,
      ...(remedy === undefined
        ? []
        : [`     by hand on ${remedy.host}: ${remedy.summary}`, ...remedy.commands.map(indented)]),
    ]),
    ...(undecided.length === 0 ? [] : ['', 'could not be judged, so what is wrong there is not in the plan']),
    ...undecidedLines(undecided),
  ]);
}

/** By reason: a host that did not answer is one, however many checks it leaves open. */
function undecidedLines(undecided: FixDocument['undecided']): string[] {
  const reasons = [...new Set(undecided.map(({ reason }) => reason))];
  return reasons.flatMap((reason) => {
    const names = undecided.filter((one) => one.reason === reason).map(({ check, host }) => `${check}@${host}`);
    const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : '';
    return [`  ${reason}`, `     ${names.slice(0, shownNames).join(', ')}${more}`];
  });
}

const shownNames = 4;

function fixLines({ number, summary, findings, commands, persistent, undo }: PlannedFix): string[] {
  return [
    `  ${number}. ${summary}`,
    ...findings.flatMap(findingLines),
    ...block('now', commands),
    ...block('after a reboot too', persistent),
    ...block('undo', undo),
  ];
}

function findingLines(finding: FixFinding): string[] {
  const { found, expected, why } = finding;
  return [
    `     ${heading(finding)}`,
    ...(found === undefined ? [] : [`       found     ${JSON.stringify(found)}`]),
    ...(expected === undefined ? [] : [`       expected  ${JSON.stringify(expected)}`]),
    ...(why === undefined ? [] : [`       why       ${why}`]),
  ];
}

function heading(finding: FixFinding): string {
  return `${findingName(finding)} (${finding.outcome}): ${finding.reason}`;
}

function block(title: string, commands: readonly string[]): string[] {
  return commands.length === 0 ? [] : [`     ${title}:`, ...commands.map(indented)];
}

function indented(line: string): string {
  return `       ${line}`;
}

/** Whoever `asked` has the program run by root, and what is in it. */
export function deedText(document: FixDocument, userOf: (host: string) => string, verb: 'apply' | 'undo'): string {
  const hosts = hostsOfFixes(document);
  const word = verb === 'apply' ? 'fix' : 'fix-undo';
  return lines(
    hosts.map((host) => {
      const user = userOf(host);
      return `on ${host}, as root (${user === 'root' ? 'the login user' : `${user} via sudo`}): sh /var/tmp/ipvet/${word}, which is the lines above; guarded on ${host} by their undo`;
    }),
  );
}

/** What is to be taken back. */
export function returnText(document: FixDocument, fixes: readonly PlannedFix[]): string {
  return lines([
    `take back ${document.id} (${counted(fixes.length, 'fix', 'fixes')}, judged at ${document.run.judgedAt})`,
    ...fixes.flatMap((fix) => [
      `  ${fix.host}: ${nameOf(fix)}`,
      ...fix.undo.map(indented),
      '       and files, kernel settings and routes it changed, as they were',
    ]),
  ]);
}

const stateWords = {
  planned: 'not done',
  started: 'begun',
  kept: 'passes now',
  'taken-back': 'taken back',
  unknown: 'NOT KNOWN TO BE TAKEN BACK',
} as const;

export function outcomeText({ fixes }: FixDocument): string {
  return lines(
    fixes.map((fix) => {
      const note = fix.note === undefined ? '' : `: ${fix.note}`;
      return `${fix.host}: ${nameOf(fix)}: ${stateWords[fix.state]}${note}`;
    }),
  );
}

function ago(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} minutes`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} hours`;
  return `${Math.round(seconds / 86_400)} days`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}
