/** What a comparison says, in the words that all its formats use. */
import type {
  Comparison,
  DiagnosisChange,
  FigureChange,
  InventoryChange,
  VerdictChange,
  VerdictChangeKind,
} from '../../lib/model/comparison.ts';
import type { MetricUnit } from '../../lib/model/metrics.ts';
import { outcomeWords, placeOf, subjectText } from '../summary.ts';
import { count, duration, percent, rate, significant, utc } from '../units.ts';

export type Tone = 'bad' | 'doubtful' | 'good' | 'plain';

export interface Section {
  readonly title: string;
  readonly tone: Tone;
  readonly rows: readonly { readonly name: string; readonly text: string }[];
}

const kinds: readonly (readonly [VerdictChangeKind, string, Tone])[] = [
  ['new-failure', 'Newly failing', 'bad'],
  ['still-failing', 'Still failing', 'bad'],
  ['newly-not-evaluated', 'Newly not evaluated', 'doubtful'],
  ['no-longer-judged', 'No longer judged', 'doubtful'],
  ['still-not-evaluated', 'Still not evaluated', 'doubtful'],
  ['new-warning', 'New warnings', 'doubtful'],
  ['newly-waived', 'Newly waived', 'doubtful'],
  ['eased', 'Failed before, a warning now', 'doubtful'],
  ['fixed', 'Fixed', 'good'],
  ['no-longer-applies', 'No longer applicable', 'plain'],
  ['warning-gone', 'Warnings gone', 'good'],
  ['evaluated-again', 'Evaluated again', 'good'],
];

const causes: readonly (readonly [DiagnosisChange['change'], string, Tone])[] = [
  ['new', 'New causes', 'bad'],
  ['still', 'Causes still there', 'bad'],
  ['not-looked-for', 'Causes not looked for again', 'doubtful'],
  ['gone', 'Causes gone', 'good'],
];

/** Causes first, then checks, the worst first; those without rows are left out. */
export function sectionsOf({ verdicts, diagnoses, inventory }: Comparison): readonly Section[] {
  return [
    ...causes.map(([change, title, tone]) => ({
      title,
      tone,
      rows: diagnoses.filter((one) => one.change === change).map(diagnosisRow),
    })),
    ...kinds.map(([change, title, tone]) => ({
      title,
      tone,
      rows: verdicts.filter((one) => one.change === change).map(verdictRow),
    })),
    { title: 'Changed in the cluster', tone: 'plain' as const, rows: inventory.map(inventoryRow) },
  ].filter(({ rows }) => rows.length > 0);
}

function diagnosisRow(one: DiagnosisChange) {
  const certainty =
    one.certaintyBefore === undefined ? one.certainty : `${one.certainty}, ${one.certaintyBefore} before`;
  return { name: `${one.cause} on ${placeOf(one)}`, text: `${one.summary} (${certainty})` };
}

function verdictRow({ change, check, subject, before, after, title, reason }: VerdictChange) {
  const was = before === undefined ? 'not judged' : outcomeWords[before];
  // Where the name of the section says both already, the reason is enough.
  const said = ['still-failing', 'fixed', 'warning-gone', 'still-not-evaluated'].includes(change);
  const text = reason ?? (after === undefined ? title : `${title}: ${outcomeWords[after]}`);
  return { name: `${check}@${subjectText(subject)}`, text: said ? text : `${text} (before: ${was})` };
}

function inventoryRow({ what, change, name, key, before, after }: InventoryChange) {
  const named = `${what === 'real-server' ? 'real server' : what} ${name}`;
  if (change !== 'changed') return { name: named, text: `${change}: ${after ?? before ?? ''}` };
  return { name: named, text: `${key === undefined ? '' : `${key} `}${before ?? 'none'} → ${after ?? 'none'}` };
}

export const outcomeText: Readonly<Record<Comparison['outcome'], string>> = {
  worse: 'WORSE',
  'could-not-tell': 'COULD NOT TELL',
  'not-worse': 'NOT WORSE',
};

export const figureWords: Readonly<Record<FigureChange['outcome'], string>> = {
  worse: 'WORSE',
  better: 'better',
  same: 'same',
  'could-not-tell': 'could not tell',
};

export const figureTone: Readonly<Record<FigureChange['outcome'], Tone>> = {
  worse: 'bad',
  better: 'good',
  same: 'plain',
  'could-not-tell': 'doubtful',
};

/** `connect.p99 of web (smoke)`. */
export function figureName({ metric, service, profile }: FigureChange): string {
  return `${metric} of ${service} (${profile})`;
}

/** `1.20 ms → 1.60 ms`. */
export function figureValues({ before, after, unit }: FigureChange): string {
  return `${value(before, unit)} → ${value(after, unit)}`;
}

/** `+33.3 % (+21.0 % to +47.2 %)`, `+0.35 points (−0.10 to +0.80)`; empty where there is no change to tell. */
export function figureChange({ change, interval, unit }: FigureChange): string {
  if (change === undefined) return '';
  const size = (share: number) => (unit === 'fraction' ? (share * 100).toFixed(2) : percent(share));
  const text = (share: number) => `${share < 0 ? '−' : '+'}${size(Math.abs(share))}`;
  const points = unit === 'fraction' ? ' points' : '';
  const bounds = interval === undefined ? '' : ` (${text(interval[0])} to ${text(interval[1])})`;
  return `${text(change)}${points}${bounds}`;
}

function value(figure: number | undefined, unit: MetricUnit): string {
  if (figure === undefined) return 'none';
  switch (unit) {
    case 'fraction':
      return percent(figure, 2);
    case 'ms':
      return duration(figure);
    case 'per-second':
      return rate(figure);
    case 'count':
      return count(figure);
  }
}

/** What the change of a figure has to exceed, in words. */
export function toleranceText({ tolerance: { relative, latencyMs, share } }: Comparison): string {
  return `a change matters from ${percent(relative, 0)} (latency: and ${duration(latencyMs)}; shares: ${significant(share * 100)} points); intervals at 99 %`;
}

/** `run 20261122T200102Z-7f3a, 2026-11-22 20:01:02 UTC, ipvet 0.1.0 accept: PASS`. */
export function runText({ id, startedAt, tool, command, verdict }: Comparison['before']): string {
  return `run ${id}, ${utc(startedAt)}, ipvet ${tool.version} ${command}: ${verdict.toUpperCase()}`;
}
