/** A summary for a merge request, a ticket or a CI step (GitHub and GitLab flavour). Nothing of a run becomes markup. */
import type { Diagnosis } from '../lib/model/diagnosis.ts';
import type { Evidence, Remedy } from '../lib/model/evidence.ts';
import type { Distribution } from '../lib/model/distribution.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import type { Verdict } from '../lib/model/verdict.ts';
import { effectOf, methodOf, range, sampleOf } from './distribution-words.ts';
import { drillCells, drillRows, projection } from './failover.ts';
import {
  byReason,
  failedTitle,
  keyOf,
  outcomeCounts,
  outcomes,
  outcomeWords,
  placeOf,
  planNotes,
  guardNotes,
  restoredText,
  sentence,
  unevaluated,
  unexplained,
  verdictWords,
} from './summary.ts';
import { words } from './language/index.ts';
import { count, duration, percent, probability, rate, significant, utc } from './units.ts';
import { code, fenced, list, plain, table } from './markdown-text.ts';
import { brief, capped } from './visible.ts';

const shown = 50;

/** Ends with a newline. */
export function renderMarkdown(record: RunRecord): string {
  const { cluster } = record;
  const blocks = [
    `# ${verdictWords[record.verdict]}: ${plain(cluster.name)}`,
    `**${plain(sentence(record))}**`,
    table(
      ['', ''],
      [
        ['Cluster', `${plain(cluster.name)} (${cluster.environment}), ${plain(restoredText(record))}`],
        [
          'Run',
          `${plain(record.id)}, ${utc(plain(record.startedAt))}, ipvet ${plain(record.tool.version)} ${plain(record.command)}`,
        ],
        record.failovers.length > 0 && record.verdicts.length === 0
          ? ['Drills', count(record.failovers.length)]
          : ['Checks', countsText(record)],
        ['Exit code', String(record.exitCode)],
      ],
    ),
    ...problems(record),
    ...planNotes(record).map(({ about, text }) => `> **${about}**: ${plain(text)}`),
    ...record.diagnoses.flatMap(cause),
    ...findings(failedTitle(record), unexplained(record, 'fail')),
    ...notEvaluated(record),
    ...findings('Warnings', unexplained(record, 'warn')),
    ...findings(
      'Waived',
      record.verdicts.filter(({ outcome }) => outcome === 'waived'),
    ),
    ...distribution(record),
    ...load(record),
    ...drills(record),
    ...changes(record),
    ...stages(record),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function countsText(record: RunRecord): string {
  const counts = outcomeCounts(record);
  const present = outcomes.filter((outcome) => counts[outcome] > 0);
  return present.length === 0
    ? 'none planned'
    : present.map((outcome) => `${count(counts[outcome])} ${outcomeWords[outcome]}`).join(', ');
}

function problems(record: RunRecord): string[] {
  return record.problems.map(({ code, message, hint }) =>
    [`> **${plain(code)}**: ${plain(message)}`, ...(hint === undefined ? [] : [`> ${plain(hint)}`])].join('\n> \n'),
  );
}

function cause(diagnosis: Diagnosis, index: number): string[] {
  return [
    `## ${index + 1}. ${plain(diagnosis.summary)}`,
    `${code(diagnosis.cause)} on **${plain(placeOf(diagnosis))}**, ${diagnosis.certainty}.`,
    list(diagnosis.because),
    ...diagnosis.evidence.slice(0, 3).map(evidence),
    ...(diagnosis.remedy === undefined ? [] : remedy(diagnosis.remedy)),
    ...(diagnosis.ruledOut.length === 0
      ? []
      : [
          'Ruled out:',
          diagnosis.ruledOut.map((other) => `- ${code(other.cause)}: ${plain(other.because)}`).join('\n'),
        ]),
  ].filter((block) => block !== '');
}

function evidence({ host, command, output }: Evidence): string {
  const { text, note } = capped(output, { lines: 20, lineLength: 200 });
  return fenced(`${brief(host)}# ${brief(command)}\n${text}${note === undefined ? '' : `\n[${note}]`}`);
}

function remedy({ host, summary, commands, persistent = [], undo = [] }: Remedy): string[] {
  return [
    `**Remedy** on ${plain(host)}: ${plain(summary)}`,
    fenced(
      [
        ...commands,
        ...(persistent.length === 0 ? [] : ['# to survive a reboot', ...persistent]),
        ...(undo.length === 0 ? [] : ['# to take it back', ...undo]),
      ]
        .map((line) => brief(line, 1000))
        .join('\n'),
      'sh',
    ),
  ];
}

function findings(title: string, verdicts: readonly Verdict[]): string[] {
  if (verdicts.length === 0) return [];
  return [
    `## ${title}: ${verdicts.length}`,
    table(
      ['Check', 'Reason', 'Remedy'],
      verdicts.slice(0, shown).map((verdict) => {
        const [command] = verdict.remedy?.commands ?? [];
        return [
          code(keyOf(verdict)),
          plain(verdict.reason ?? verdict.title),
          command === undefined ? plain(verdict.remedy?.summary ?? '') : code(command),
        ];
      }),
    ),
    ...more(verdicts.length - shown),
  ];
}

function notEvaluated(record: RunRecord): string[] {
  const open = unevaluated(record);
  if (open.length === 0) return [];
  return [
    `## Not evaluated: ${open.length} of ${record.verdicts.length}`,
    table(
      ['Reason', 'Checks'],
      byReason(open)
        .slice(0, shown)
        .map(({ reason, verdicts }) => [
          plain(reason),
          `${verdicts
            .slice(0, 20)
            .map((verdict) => code(keyOf(verdict)))
            .join(' ')}${verdicts.length > 20 ? ` and ${verdicts.length - 20} more` : ''}`,
        ]),
    ),
  ];
}

function distribution(record: RunRecord): string[] {
  return record.distribution.flatMap((one) => [
    `## Shares of ${plain(one.service)}, ${plain(one.scheduler)}: ${outcomeWords[one.outcome]}`,
    `${plain([one.reason, ...(one.limits ?? [])].join('; '))} (${[
      `n = ${count(one.n)}`,
      ...(one.pValue === undefined ? [] : [`p ${probability(one.pValue)}`]),
      ...[methodOf(one), sampleOf(one), effectOf(one)].filter((word) => word !== undefined),
    ].join(', ')}).`,
    table(
      [
        'Real server',
        'Expected',
        ...(one.bounds === undefined ? [] : ['Allowed']),
        'Observed',
        ...(one.confidence === undefined ? [] : ['Confidence interval']),
        'Connections',
      ],
      [...new Set([...Object.keys(one.expected), ...Object.keys(one.observed)])].map((name) => [
        plain(name),
        percent(one.expected[name] ?? 0),
        ...rangeCell(one.bounds, name),
        percent(one.observed[name] ?? 0),
        ...rangeCell(one.confidence, name),
        count(one.counts[name] ?? 0),
      ]),
    ),
  ]);
}

function rangeCell(ranges: Distribution['bounds'], name: string): string[] {
  if (ranges === undefined) return [];
  const one = ranges[name];
  return [one === undefined ? '' : range(one)];
}

function drills({ failovers }: RunRecord): string[] {
  if (failovers.length === 0) return [];
  const rows = drillRows(failovers);
  const projected = projection(failovers);
  const { columns, result, outcomes } = words().failover;
  return [
    '## Failover',
    table(
      [...columns, result],
      rows.map((row) => [...drillCells(row), outcomes[row.outcome]].map(plain)),
    ),
    ...rows.flatMap(({ scenario, reasons }) => reasons.map((reason) => `${plain(scenario)}: ${plain(reason)}`)),
    ...(projected === undefined ? [] : [plain(`Projected: ${projected}.`)]),
  ];
}

function load(record: RunRecord): string[] {
  if (record.load.length === 0) return [];
  return [
    '## Load',
    table(
      [
        'Service',
        'Profile',
        'Requested',
        'Sent',
        'Answered',
        'Failed',
        'Rate',
        'Connect p50 / p99',
        'Total p50 / p99',
        'Client CPU',
      ],
      record.load.map((one) => [
        plain(one.service),
        plain(one.profile),
        count(one.requested),
        count(one.sent),
        count(one.answered),
        [count(one.failed), ...Object.entries(one.errors.byKind).map(([kind, n]) => `${plain(kind)} ${count(n)}`)].join(
          ', ',
        ),
        rate(one.rateRps),
        one.connect === undefined ? '–' : `${duration(one.connect.p50Ms)} / ${duration(one.connect.p99Ms)}`,
        one.total === undefined ? '–' : `${duration(one.total.p50Ms)} / ${duration(one.total.p99Ms)}`,
        `${significant(one.generator.cpuShare * 100)} %`,
      ]),
    ),
  ];
}

function changes(record: RunRecord): string[] {
  const notes = guardNotes(record).map(({ host, text }) => `- ${plain(host)} ${plain(text)}`);
  const section = notes.length === 0 ? [] : [notes.join('\n')];
  if (record.changes.length === 0) return section.length === 0 ? [] : ['## Changes', ...section];
  return [
    '## Changes',
    ...section,
    table(
      ['Host', 'What', 'Taken back'],
      record.changes.map(({ host, what, undone, undo, undoError }) => [
        plain(host),
        plain(what),
        undone ? 'yes' : `**NO**${undoError === undefined ? '' : `: ${plain(undoError)}`}; by hand: ${code(undo)}`,
      ]),
    ),
  ];
}

function stages(record: RunRecord): string[] {
  if (record.stages.length === 0) return [];
  return [
    `Stages: ${record.stages.map(({ name, durationMs }) => `${plain(name)} ${duration(durationMs)}`).join(', ')}.`,
  ];
}

function more(n: number): string[] {
  return n > 0 ? [`and ${n} more.`] : [];
}
