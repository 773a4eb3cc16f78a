/**
 * Annotations of GitHub Actions: one workflow command a line, for standard output of a step. Each points at the line of the
 * cluster file that declares the host or service concerned. GitHub shows ten of each kind a step, so the weightiest come
 * first and the tenth says how many there are besides. Escaped as its toolkit does (actions/toolkit, packages/core/src/command.ts).
 */
import type { Failover } from '../lib/model/failover.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import type { SubjectName } from '../lib/model/verdict.ts';
import { drillOutcomes } from './failover.ts';
import { byReason, keyOf, placeOf, restoredText, sentence, unevaluated, unexplained, verdictWords } from './summary.ts';
import { plural } from './units.ts';
import { brief } from './visible.ts';

interface Annotation {
  readonly title: string;
  readonly message: string;
  readonly subject: SubjectName;
}

const shown = 10;

/** Ends with a newline. */
export function renderGithub(record: RunRecord): string {
  const warnings = [
    ...unexplained(record, 'warn').map((verdict) => ({
      title: keyOf(verdict),
      message: verdict.reason ?? verdict.title,
      subject: verdict.subject,
    })),
    ...drills(record, 'warn'),
  ];
  const result = { title: `ipvet: ${verdictWords[record.verdict]}`, message: sentence(record), subject: {} };
  const lines = [
    ...capped(errors(record)).map((one) => command('error', one, record)),
    ...capped(warnings).map((one) => command('warning', one, record)),
    command('notice', result, record),
  ];
  return `${lines.join('\n')}\n`;
}

/** What is wrong, the cause before what it explains; what could not be told is never green. */
function errors(record: RunRecord): Annotation[] {
  return [
    ...(record.restored
      ? []
      : [{ title: 'the cluster is not as it was found', message: restoredText(record), subject: {} }]),
    ...record.diagnoses.map(({ cause, summary, host, service, certainty, remedy }) => ({
      title: `${cause} on ${placeOf({ ...(host === undefined ? {} : { host }), ...(service === undefined ? {} : { service }) })} (${certainty})`,
      message: [
        summary,
        ...(remedy === undefined ? [] : [`mend on ${remedy.host}: ${remedy.commands[0] ?? remedy.summary}`]),
      ].join('\n'),
      subject: { ...(host === undefined ? {} : { host }), ...(service === undefined ? {} : { service }) },
    })),
    ...unexplained(record, 'fail').map((verdict) => ({
      title: keyOf(verdict),
      message: verdict.reason ?? verdict.title,
      subject: verdict.subject,
    })),
    ...drills(record, 'fail'),
    ...drills(record, 'inconclusive'),
    ...record.problems.map(({ code, message }) => ({ title: code, message, subject: {} })),
    ...byReason(unevaluated(record)).map(({ reason, verdicts }) => ({
      title: `not evaluated: ${plural(verdicts.length, 'check')}`,
      message: reason,
      subject: verdicts[0]?.subject ?? {},
    })),
  ];
}

function drills({ failovers }: RunRecord, wanted: Failover['outcome']): Annotation[] {
  return failovers
    .filter(({ outcome }) => outcome === wanted)
    .map(({ scenario, load, service, hosts, reason = drillOutcomes[wanted] }) => ({
      title: `failover ${scenario}, ${load} load`,
      message: reason,
      subject: { ...(hosts[0] === undefined ? {} : { host: hosts[0] }), service },
    }));
}

function capped(annotations: readonly Annotation[]): readonly Annotation[] {
  if (annotations.length <= shown) return annotations;
  const more = annotations.length - (shown - 1);
  return [
    ...annotations.slice(0, shown - 1),
    { title: `and ${more} more`, message: 'the report of the run has them all', subject: {} },
  ];
}

function command(
  kind: 'error' | 'warning' | 'notice',
  { title, message, subject }: Annotation,
  record: RunRecord,
): string {
  const { file, hosts, services } = record.cluster;
  const line =
    hosts.find(({ name }) => name === subject.host)?.line ??
    services.find(({ name }) => name === subject.service)?.line;
  const properties = [
    ...(file === undefined ? [] : [`file=${property(file)}`]),
    ...(file === undefined || line === undefined ? [] : [`line=${line}`]),
    `title=${property(title)}`,
  ];
  return `::${kind} ${properties.join(',')}::${data(message)}`;
}

/** Lines stay lines; anything else that a terminal or a runner would obey is spelled out or broken. */
function data(text: string): string {
  return text
    .split('\n')
    .map((line) => brief(line, 1000).replaceAll('##[', '## [').replaceAll('%', '%25'))
    .join('%0A');
}

function property(text: string): string {
  return brief(text, 200)
    .replaceAll('##[', '## [')
    .replaceAll('%', '%25')
    .replaceAll(':', '%3A')
    .replaceAll(',', '%2C');
}
