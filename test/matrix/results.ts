/** What came of a matrix: figures, a table, a page of the documentation. Pure. */
import { type MatrixCase, nameOf } from './cases.ts';
import type { Score } from './score.ts';

/** `broken`: the lab did not do what the case needs, so that nothing was learnt. */
export type Result = { readonly of: MatrixCase; readonly seconds: number } & (
  { readonly score: Score } | { readonly broken: string }
);

export interface Miss {
  readonly fault: string;
  readonly topology: string;
  readonly host: string;
  readonly got: string;
}

/** What `--json` prints. */
export interface Summary {
  /** Faults that make traffic fail, each on a host of a topology, and how many were named right. */
  readonly cases: number;
  readonly named: number;
  /** Faults that make no traffic fail now, and how many were left unnamed and told by their check. */
  readonly latent: number;
  readonly told: number;
  /** Healthy clusters. */
  readonly healthy: number;
  /** Of all of these, those in which something was believed that is not so; a healthy one, in which anything failed or was named. */
  readonly falseAlarms: number;
  readonly misses: readonly Miss[];
  readonly broken: readonly Miss[];
}

export function summaryOf(results: readonly Result[]): Summary {
  const scored = results.flatMap((one) => ('score' in one ? [one] : []));
  const ofKind = (kind: Kind) => scored.filter((one) => kindOf(one.of) === kind);
  const right = (kind: Kind) => ofKind(kind).filter(({ score }) => score.right).length;
  return {
    cases: ofKind('failing').length,
    named: right('failing'),
    latent: ofKind('latent').length,
    told: right('latent'),
    healthy: ofKind('healthy').length,
    falseAlarms: scored.filter(({ score }) => score.falseAlarm).length,
    misses: scored
      .filter(({ score }) => !score.right || score.falseAlarm)
      .map(({ of, score }) => missOf(of, [score.got, ...(score.right ? [] : score.remarks)].join('; '))),
    broken: results.flatMap((one) => ('broken' in one ? [missOf(one.of, one.broken)] : [])),
  };
}

type Kind = 'failing' | 'latent' | 'healthy';

function kindOf(one: MatrixCase): Kind {
  if ('variant' in one) return 'healthy';
  return one.wanted.diagnoses.length > 0 ? 'failing' : 'latent';
}

const missOf = (one: MatrixCase, got: string): Miss =>
  'fault' in one
    ? { fault: one.fault.id, topology: one.topology, host: one.host, got }
    : { fault: `healthy: ${one.variant.name}`, topology: one.topology, host: one.variant.changes[0]?.on ?? '', got };

/** A line for each case, as it ends. */
export function lineOf(result: Result): string {
  const seconds = `${Math.round(result.seconds)} s`;
  if ('broken' in result) return `BROKEN  ${nameOf(result.of)}: ${result.broken} (${seconds})`;
  const { right, falseAlarm, got, remarks } = result.score;
  const word = !right ? 'MISSED' : falseAlarm ? 'ALARM ' : 'right ';
  return `${word}  ${nameOf(result.of)}: ${[got, ...remarks].join('; ')} (${seconds})`;
}

const share = (part: number, whole: number): string => (whole === 0 ? '–' : `${part} of ${whole}`);

export const totalsOf = ({ cases, named, latent, told, healthy, falseAlarms, broken }: Summary): string =>
  [
    `${share(named, cases)} named on the right host, first and believed`,
    `${share(told, latent)} of those that make nothing fail now left unnamed and told by a check`,
    `${healthy} healthy`,
    `${falseAlarms} false alarms`,
    ...(broken.length === 0 ? [] : [`${broken.length} not tried: the lab broke`]),
  ].join(', ');

/** Faults by topologies, as a table of Markdown; a cell is `right/tried`. */
export function tableOf(results: readonly Result[]): string {
  const scored = results.flatMap((one) =>
    'score' in one && 'fault' in one.of ? [{ of: one.of, score: one.score }] : [],
  );
  const topologies = [...new Set(scored.map(({ of }) => of.topology))];
  const ids = [...new Set(scored.map(({ of }) => of.fault.id))];
  const cell = (id: string, topology: string): string => {
    const own = scored.filter(({ of }) => of.fault.id === id && of.topology === topology);
    return own.length === 0
      ? ''
      : `${own.filter(({ score }) => score.right && !score.falseAlarm).length}/${own.length}`;
  };
  const rows = ids.map((id) => {
    const latent = scored.some(({ of }) => of.fault.id === id && of.wanted.diagnoses.length === 0);
    return [latent ? `${id} (latent)` : id, ...topologies.map((topology) => cell(id, topology))];
  });
  const line = (words: readonly string[]) => `| ${words.join(' | ')} |`;
  return [line(['fault', ...topologies]), line(['---', ...topologies.map(() => '---')]), ...rows.map(line), ''].join(
    '\n',
  );
}

/** docs/diagnosis-matrix.md. */
export function pageOf(results: readonly Result[], command: string): string {
  const summary = summaryOf(results);
  const missed = (miss: Miss) => `- **${miss.fault}** on ${miss.host || 'all hosts'}, ${miss.topology}: ${miss.got}`;
  return [
    '# What `ipvet diagnose` makes of every fault of the lab',
    '',
    'Each fault on each host it can go on, in each topology it exists in, and healthy clusters, the unusual ones among them. A',
    'fault is made by `ipvet lab fault apply`, then `ipvet diagnose` is asked. It is right when the cause comes first, on the right',
    'host, certain or likely, and nothing else is believed. A latent fault makes no traffic fail now: it is right when nothing is',
    'named and its check says it. Between cases the lab empties the connection table of the director and the neighbours of client',
    'and router.',
    '',
    `    ${command}`,
    '',
    `Totals: ${totalsOf(summary)}.`,
    '',
    tableOf(results),
    '## What was missed',
    '',
    ...(summary.misses.length === 0 ? ['Nothing.'] : summary.misses.map(missed)),
    ...(summary.broken.length === 0 ? [] : ['', '## Not tried', '', ...summary.broken.map(missed)]),
    '',
  ].join('\n');
}
