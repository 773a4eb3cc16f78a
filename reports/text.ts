/** The summary for a terminal: what is wrong first, the verdict last. A healthy run takes fewer than 25 lines. */
import type { Diagnosis } from '../lib/model/diagnosis.ts';
import type { Evidence, Remedy } from '../lib/model/evidence.ts';
import type { Distribution } from '../lib/model/distribution.ts';
import type { LoadResult } from '../lib/model/load-result.ts';
import type { Sampling } from '../lib/model/sampling.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import type { Outcome, Verdict } from '../lib/model/verdict.ts';
import { effectOf, methodOf, sampleOf } from './distribution-words.ts';
import { drillOutcomes, drillRows, projection } from './failover.ts';
import {
  byReason,
  failedTitle,
  guardNotes,
  keyOf,
  outcomeCounts,
  outcomes,
  placeOf,
  planNotes,
  restoredText,
  sentence,
  unevaluated,
  unexplained,
} from './summary.ts';
import { inLanguage, words } from './language/index.ts';
import { resolutionText, samplingNotes } from './sampling.ts';
import { count, duration, percent, probability, rate, utc } from './units.ts';
import { Page, type TextOptions } from './text-page.ts';
import { brief, capped } from './visible.ts';
import { columnsOf } from './wrapping.ts';

const shown = { findings: 20, subjects: 6, evidenceLines: 6 };

/** Ends with a newline. */
export function renderText(record: RunRecord, { language = 'en', ...options }: TextOptions): string {
  return inLanguage(language, () => textOf(record, options));
}

function textOf(record: RunRecord, options: Omit<TextOptions, 'language'>): string {
  const page = new Page(options);
  heading(page, record);
  for (const [index, diagnosis] of record.diagnoses.entries()) cause(page, diagnosis, index + 1);
  verdictList(page, failedTitle(record), unexplained(record, 'fail'), 'fail');
  notEvaluated(page, record);
  verdictList(page, words().text.warnings, unexplained(record, 'warn'), 'warn');
  waived(page, record);
  figures(page, record);
  closing(page, record);
  return page.text();
}

function heading(page: Page, record: RunRecord): void {
  const { cluster } = record;
  const what = `ipvet ${brief(record.tool.version, 40)} ${brief(record.command, 200)}`;
  page.line(
    `${page.paint.bold(what)} · ${brief(cluster.name, 80)} (${brief(cluster.environment, 40)}) · ${brief(utc(record.startedAt), 40)} · run ${brief(record.id, 80)}`,
  );
}

function cause(page: Page, diagnosis: Diagnosis, number: number): void {
  const { paint } = page;
  const { text, summary } = words();
  page.gap();
  page.sentence(`${number}. `, diagnosis.summary, paint.bold);
  page.line(
    `   ${paint.red(brief(diagnosis.cause, 80))} ${text.on} ${paint.bold(brief(placeOf(diagnosis), 200))} · ${summary.certainty[diagnosis.certainty]}`,
  );
  for (const reason of diagnosis.because) page.sentence(`   ${text.because} `, reason);
  for (const piece of diagnosis.evidence.slice(0, 2)) evidence(page, piece);
  if (diagnosis.remedy !== undefined) remedy(page, diagnosis.remedy);
  for (const { cause: other, because } of diagnosis.ruledOut)
    page.sentence(`   ${text.ruledOut} `, `${other}: ${because}`, paint.dim);
  if (diagnosis.explains.length > 0) {
    page.sentence(
      `   ${text.explains} `,
      some(
        diagnosis.explains.map((key) => brief(key, 120)),
        shown.subjects,
      ),
      paint.dim,
    );
  }
}

function evidence(page: Page, piece: Evidence): void {
  page.line(`   ${page.paint.dim(`${brief(piece.host, 80)}#`)} ${brief(piece.command, 300)}`);
  const { text } = capped(piece.output, { lines: shown.evidenceLines, lineLength: 160 });
  for (const line of text === '' ? [] : text.split('\n')) page.line(page.paint.dim(`     ${line}`));
}

function remedy(page: Page, mend: Remedy): void {
  page.sentence(
    `   ${labelled(words().text.mend, 8)} `,
    words().text.asRoot(mend.summary, mend.host),
    page.paint.green,
  );
  for (const command of mend.commands) page.line(`     ${page.paint.cyan(brief(command, 1000))}`);
}

function verdictList(page: Page, title: string, verdicts: readonly Verdict[], outcome: Outcome): void {
  if (verdicts.length === 0) return;
  page.gap();
  page.line(painted(page, outcome, words().text.titled(title, verdicts.length)));
  for (const verdict of verdicts.slice(0, shown.findings)) {
    page.entry('  ', keyOf(verdict), verdict.reason ?? verdict.title);
    const [command] = verdict.remedy?.commands ?? [];
    if (verdict.remedy !== undefined) {
      const label = page.paint.dim(words().text.mendOn(brief(verdict.remedy.host, 80)));
      page.line(
        `    ${label} ${command === undefined ? brief(verdict.remedy.summary, 300) : page.paint.cyan(brief(command, 1000))}`,
      );
    }
  }
  more(page, verdicts.length - shown.findings);
}

function notEvaluated(page: Page, record: RunRecord): void {
  for (const problem of record.problems) {
    page.gap();
    page.entry('', problem.code, problem.message);
    // Commands of more than one line are to be copied.
    for (const line of problem.hint?.split('\n') ?? []) page.sentence('    ', line);
  }
  const open = unevaluated(record);
  if (open.length === 0) return;
  page.gap();
  page.line(painted(page, 'error', words().text.notEvaluated(open.length, record.verdicts.length)));
  const groups = byReason(open);
  for (const { reason, verdicts } of groups.slice(0, shown.findings)) {
    page.sentence('  ', reason, page.paint.bold);
    page.sentence(
      '    ',
      some(
        verdicts.map((verdict) => brief(keyOf(verdict), 120)),
        shown.subjects,
      ),
      page.paint.dim,
    );
    const hint = verdicts.find((verdict) => verdict.hint !== undefined)?.hint;
    if (hint !== undefined) page.sentence('    ', hint);
  }
  more(page, groups.length - shown.findings);
}

function waived(page: Page, record: RunRecord): void {
  const verdicts = record.verdicts.filter(({ outcome }) => outcome === 'waived');
  if (verdicts.length === 0) return;
  page.gap();
  for (const verdict of verdicts.slice(0, shown.findings)) {
    page.entry(`${words().text.waived}  `, keyOf(verdict), verdict.reason ?? verdict.title);
  }
  more(page, verdicts.length - shown.findings);
}

function figures(page: Page, record: RunRecord): void {
  page.gap();
  for (const distribution of record.distribution) shares(page, distribution);
  for (const load of record.load) loadLines(page, load);
  for (const sampling of Object.values(record.samples)) samplingLines(page, sampling);
  drills(page, record);
}

function drills(page: Page, { failovers }: RunRecord): void {
  const { failover, text } = words();
  for (const row of drillRows(failovers)) {
    const { scenario, load, times, outcome, predicted, measured, detected, failback, kept, errors, availability } = row;
    page.line(
      `${label(text.labels.failover)}${text.drill(brief(scenario, 40), failover.loads[load], failover.times(times), painted(page, drillOutcomes[outcome], failover.outcomes[outcome]))}`,
    );
    page.sentence('          ', failover.outage(measured, predicted, detected, failback));
    page.sentence('          ', failover.clients(errors, kept, availability));
    for (const reason of row.reasons) page.sentence('          ', reason, page.paint.yellow);
  }
  const projected = projection(failovers);
  if (projected !== undefined) page.sentence(label(failover.projected), projected);
}

function shares(page: Page, distribution: Distribution): void {
  const { expected, observed, counts } = distribution;
  const { text, summary } = words();
  const names = [...new Set([...Object.keys(expected), ...Object.keys(observed)])];
  const bars = names
    .slice(0, 12)
    .map((name) =>
      text.shareOf(brief(name, 40), percent(observed[name] ?? 0), percent(expected[name] ?? 0), counts[name] ?? 0),
    );
  const p = distribution.pValue === undefined ? '' : `, p ${probability(distribution.pValue)}`;
  const outcome = distribution.outcome;
  page.line(
    `${label(text.labels.shares)}${brief(distribution.service, 80)} ${brief(distribution.scheduler, 20)}: ${painted(page, outcome, summary.outcomes[outcome])}, n ${count(distribution.n)}${p}`,
  );
  page.sentence('          ', `${bars.join(' · ')}${names.length > 12 ? ` · ${text.more(names.length - 12)}` : ''}`);
  const how = [methodOf(distribution), sampleOf(distribution), effectOf(distribution)].filter(
    (one) => one !== undefined,
  );
  if (how.length > 0) page.sentence('          ', text.by(how.join(' · ')));
  if (outcome !== 'pass') page.sentence('          ', [distribution.reason, ...(distribution.limits ?? [])].join('; '));
}

function loadLines(page: Page, load: LoadResult): void {
  const { text } = words();
  const failed = load.failed === 0 ? text.failed(0) : page.paint.red(text.failed(load.failed));
  const unsent = load.requested - load.sent;
  page.line(
    `${label(text.labels.load)}${brief(load.service, 80)} ${brief(load.profile, 80)}: ${text.requests(load.answered, load.requested, failed, unsent, rate(load.rateRps))}`,
  );
  const latencies = [
    ...(load.connect === undefined
      ? []
      : [`${text.connect} p50 ${duration(load.connect.p50Ms)} p99 ${duration(load.connect.p99Ms)}`]),
    ...(load.total === undefined
      ? []
      : [
          `${text.total} p50 ${duration(load.total.p50Ms)} p99 ${duration(load.total.p99Ms)} ${text.max} ${duration(load.total.maxMs)}`,
        ]),
  ];
  if (latencies.length > 0) page.line(`          ${latencies.join(' · ')}`);
  const kinds = Object.entries(load.errors.byKind).map(([kind, n]) => `${brief(kind, 40)} ${count(n)}`);
  if (kinds.length > 0) page.line(`          ${kinds.join(' · ')}`);
}

function samplingLines(page: Page, sampling: Sampling): void {
  page.sentence(
    label(words().text.labels.sampling),
    `${brief(sampling.service, 80)} ${words().text.on} ${brief(sampling.host, 80)}: ${resolutionText(sampling)}`,
  );
  for (const { fromMs, toMs, reason } of sampling.gaps.slice(0, 3))
    page.sentence('          ', words().text.noSamples(duration(toMs - fromMs), reason), page.paint.yellow);
  for (const note of samplingNotes(sampling)) page.sentence('          ', note);
}

function closing(page: Page, record: RunRecord): void {
  const { text, summary } = words();
  const counts = outcomeCounts(record);
  const present = outcomes.filter((outcome) => counts[outcome] > 0);
  const said = present.map((outcome) =>
    painted(page, outcome, text.outcomeCount(counts[outcome], summary.outcomes[outcome])),
  );
  if (record.failovers.length === 0 || record.verdicts.length > 0)
    page.line(`${label(text.labels.checks)}${said.length === 0 ? text.nonePlanned : summary.and(said)}`);
  for (const { about, text: note } of planNotes(record)) {
    page.sentence(label(text.noteLabels[about]), note, page.paint.yellow);
  }
  for (const change of record.changes.filter(({ undone }) => !undone)) {
    page.entry('          ', change.host, text.takeBack(change.what, change.undo));
  }
  page.sentence(
    label(text.labels.cluster),
    restoredText(record),
    record.restored ? (plain) => plain : (plain) => page.paint.bold(page.paint.red(plain)),
  );
  for (const { host, text: note } of guardNotes(record)) page.entry('          ', host, note);
  if (record.stages.length > 0) {
    page.sentence(
      label(text.labels.stages),
      record.stages.map(({ name, durationMs }) => `${name} ${duration(durationMs)}`).join(' · '),
    );
  }
  page.sentence(label(text.labels.result), sentence(record));
  const outcome = record.verdict === 'inconclusive' ? 'error' : record.verdict;
  page.gap();
  page.line(`${painted(page, outcome, summary.verdicts[record.verdict])} ${text.exitCode(record.exitCode)}`);
}

function more(page: Page, n: number): void {
  if (n > 0) page.line(page.paint.dim(words().text.moreInReport(n)));
}

function some(names: readonly string[], limit: number): string {
  return names.length <= limit
    ? names.join(', ')
    : words().text.andMore(names.slice(0, limit).join(', '), names.length - limit);
}

/** A label in the column before the figures. */
function label(text: string): string {
  return labelled(text, 10);
}

function labelled(text: string, columns: number): string {
  return `${text}${' '.repeat(Math.max(0, columns - columnsOf(text)))}`;
}

function painted(page: Page, outcome: Outcome, text: string): string {
  const { paint } = page;
  switch (outcome) {
    case 'fail':
      return paint.bold(paint.red(text));
    case 'error':
    case 'not-run':
    case 'warn':
      return paint.yellow(text);
    case 'pass':
      return paint.green(text);
    case 'waived':
    case 'not-applicable':
      return paint.dim(text);
  }
}
