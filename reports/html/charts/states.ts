/** Connection table entries of one destination by state over time, stacked; SYN_RECV lies at the bottom and is hatched. */
import type { Sampling, TableCount } from '../../../lib/model/sampling.ts';
import { words } from '../../language/index.ts';
import { count, duration } from '../../units.ts';
import { html, type Markup } from '../markup.ts';
import type { Live } from './live.ts';
import { area, plot } from './plot.ts';
import { at, elapsed, linear } from './scale.ts';

export interface States {
  readonly destination: string;
  /** Bottom of the stack first. */
  readonly states: readonly string[];
  readonly steps: readonly Step[];
  /** More of them, for the chart that can be zoomed; made when asked for. */
  readonly fineSteps: () => readonly Step[];
  /** Highest count of each state, and of SYN_RECV entries older than 3 s. */
  readonly peaks: ReadonlyMap<string, number>;
  readonly stuckPeak: number;
  /** Active and inactive entries as the kernel counts them, in all states. */
  readonly level: readonly { readonly atMs: number; readonly entries: number }[];
}

/** One sample, or the highest counts of several when there are more samples than can be drawn. */
interface Step {
  readonly fromMs: number;
  readonly toMs: number;
  readonly entries: ReadonlyMap<string, number>;
}

const order = ['SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'TIME_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'CLOSE'];
const mostSteps = 100;
const mostLiveSteps = 400;
const mostReadings = 300;

/** `s-…` classes of the stylesheet; states without one of their own share the last. */
export function stateClass(state: string): string {
  return order.includes(state) ? `s-${state.toLowerCase().replace('_', '-')}` : 's-other';
}

/** One for each destination seen, in order of address. */
export function statesOf(sampling: Sampling): States[] {
  const destinations = [
    ...new Set([
      ...sampling.samples.flatMap(({ counts }) => counts.map((one) => one.destination)),
      ...(sampling.levels?.destinations ?? []),
    ]),
  ].sort();
  const byDestination = rowsByDestination(sampling);
  return destinations.map((destination) => {
    const rows = byDestination.get(destination) ?? [];
    const peaks = new Map<string, number>();
    let stuckPeak = 0;
    for (const { counts } of rows) {
      for (const { state, entries, stuck } of counts) {
        peaks.set(state, Math.max(peaks.get(state) ?? 0, entries));
        stuckPeak = Math.max(stuckPeak, stuck);
      }
    }
    const states = [...peaks.keys()].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
    return {
      destination,
      states,
      steps: stepsOf(rows, sampling, mostSteps),
      fineSteps: () => stepsOf(rows, sampling, mostLiveSteps),
      peaks,
      stuckPeak,
      level: levelOf(sampling, destination),
    };
  });
}

interface Row {
  readonly atMs: number;
  readonly counts: readonly TableCount[];
}

/** In one pass: an hour of samples of many real servers has a million counts. Each has a row for every sample. */
function rowsByDestination({ samples }: Sampling): ReadonlyMap<string, readonly Row[]> {
  const counted = new Map<string, { readonly atMs: number; readonly counts: TableCount[] }[]>();
  for (const [index, { counts }] of samples.entries()) {
    for (const one of counts) {
      let own = counted.get(one.destination);
      if (own === undefined) {
        own = samples.map(({ atMs }) => ({ atMs, counts: [] }));
        counted.set(one.destination, own);
      }
      own[index]?.counts.push(one);
    }
  }
  return counted;
}

/** The highest of each few readings, where there are more than can be drawn. */
function levelOf({ levels }: Sampling, destination: string): States['level'] {
  const place = levels?.destinations.indexOf(destination) ?? -1;
  if (levels === undefined || place < 0) return [];
  const merged = Math.max(1, Math.ceil(levels.rows.length / mostReadings));
  const kept: { atMs: number; entries: number }[] = [];
  levels.rows.forEach((row, index) => {
    const [atMs, active, inactive] = [row[0], row[1 + 2 * place], row[2 + 2 * place]];
    if (typeof atMs !== 'number' || typeof active !== 'number' || typeof inactive !== 'number') return;
    const last = kept.at(-1);
    const entries = active + inactive;
    if (last === undefined || index % merged === 0) kept.push({ atMs, entries });
    else if (entries > last.entries) kept[kept.length - 1] = { atMs, entries };
  });
  return kept;
}

function rank(state: string): number {
  const place = order.indexOf(state);
  return place < 0 ? order.length : place;
}

function stepsOf(rows: readonly Row[], sampling: Sampling, most: number): Step[] {
  const merged = Math.max(1, Math.ceil(rows.length / most));
  const steps: Step[] = [];
  for (let index = 0; index < rows.length; index += merged) {
    const group = rows.slice(index, index + merged);
    const [first] = group;
    const last = group.at(-1);
    if (first === undefined || last === undefined) break;
    const entries = new Map<string, number>();
    for (const { counts } of group) {
      for (const one of counts) entries.set(one.state, Math.max(entries.get(one.state) ?? 0, one.entries));
    }
    const next = rows[index + merged]?.atMs ?? last.atMs + sampling.intervalMs;
    // A value holds until the next sample, and never into a gap.
    const gap = sampling.gaps.find(({ fromMs, toMs }) => fromMs < next && toMs > last.atMs);
    steps.push({
      fromMs: first.atMs,
      toMs: gap === undefined ? next : Math.max(last.atMs, Math.min(next, gap.fromMs)),
      entries,
    });
  }
  return steps;
}

/** Highest stack of all, so that charts side by side have one scale. */
export function highestOf(all: readonly States[]): number {
  return most(
    all.flatMap(({ steps, level }) => [
      ...steps.map(({ entries }) => sum(entries.values())),
      ...level.map(({ entries }) => entries),
    ]),
  );
}

export function endOf(sampling: Sampling, all: readonly States[]): number {
  return most([
    ...all.flatMap(({ steps, level }) => [...steps.map(({ toMs }) => toMs), ...level.map(({ atMs }) => atMs)]),
    ...sampling.gaps.map(({ toMs }) => toMs),
  ]);
}

export function statesChart(one: States, gaps: Sampling['gaps'], highest: number, endMs: number): Markup {
  const { chart } = words().connections;
  const x = elapsed(endMs / 1000, area.left, area.right);
  const y = linear(highest, area.bottom, area.top);
  const left = (ms: number) => x(ms / 1000);
  const layers = one.states.map((state, layer) => {
    const below = one.states.slice(0, layer);
    const path = one.steps
      .filter(({ entries }) => (entries.get(state) ?? 0) > 0)
      .map(({ fromMs, toMs, entries }) => {
        const base = sum(below.map((name) => entries.get(name) ?? 0));
        const [low, high] = [y(base), y(base + (entries.get(state) ?? 0))];
        const [from, to] = [left(fromMs), Math.max(left(fromMs) + 0.8, left(toMs))];
        return `M${at(from)} ${at(low)}V${at(high)}H${at(to)}V${at(low)}z`;
      })
      .join('');
    return path === '' ? undefined : html`<path d="${path}" class="${stateClass(state)}" />`;
  });
  const line = levelPath(one.level, left, y);
  const holes = gaps.map(
    ({ fromMs, toMs, reason }) =>
      html`<rect
        x="${at(left(fromMs))}"
        y="${area.top}"
        width="${at(Math.max(1, left(toMs) - left(fromMs)))}"
        height="${area.bottom - area.top}"
        class="gap"
        ><title>${chart.noSamples(duration(toMs - fromMs), reason.slice(0, 200))}</title></rect
      >`,
  );
  const peaks = words().summary.and(one.states.map((state) => chart.peak(state, one.peaks.get(state) ?? 0)));
  return plot({
    summary: chart.summary(one.destination.slice(0, 100), duration(endMs), peaks.slice(0, 300), gaps.length),
    x: { scale: x, label: (value) => String(value), title: chart.seconds },
    y: { scale: y, label: count, title: chart.entries },
    marks: [layers, holes, line === '' ? undefined : html`<path d="${line}" class="level" />`],
  });
}

/** The same, to be zoomed; a gap is a moment without values. */
export function liveStates({ states, fineSteps, level }: States): Live {
  const moments = fineSteps().flatMap((step, index, all) => {
    const next = all[index + 1];
    const after = next === undefined || next.fromMs > step.toMs + 1;
    return [{ atMs: step.fromMs, step }, ...(after ? [{ atMs: step.toMs, step: undefined }] : [])];
  });
  const shown = level.filter(({ atMs }) => atMs >= 0);
  return {
    shape: 'stacked',
    unit: '',
    atMs: moments.map(({ atMs }) => atMs),
    series: [
      ...states.map((state) => ({
        name: state,
        kind: stateClass(state),
        values: moments.map(({ step }) => (step === undefined ? undefined : (step.entries.get(state) ?? 0))),
      })),
      ...(shown.length === 0
        ? []
        : [
            {
              name: words().connections.level,
              kind: 'level',
              values: shown.map(({ entries }) => entries),
              atMs: shown.map(({ atMs }) => atMs),
            },
          ]),
    ],
  };
}

/** A line, broken where readings are missing. */
function levelPath(level: States['level'], x: (ms: number) => number, y: (entries: number) => number): string {
  const shown = level.filter(({ atMs }) => atMs >= 0);
  const steps = shown.slice(1).map(({ atMs }, index) => atMs - (shown[index]?.atMs ?? atMs));
  const usualMs = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  return shown
    .map(({ atMs, entries }, index) => {
      const before = shown[index - 1];
      const broken = before === undefined || atMs - before.atMs > Math.max(4 * usualMs, 2000);
      return `${broken ? 'M' : 'L'}${at(x(atMs))} ${at(y(entries))}`;
    })
    .join('');
}

/** Of any number of values: arguments of a call are not. */
function most(values: readonly number[]): number {
  return values.reduce((high, value) => Math.max(high, value), 0);
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += Number.isFinite(value) ? value : 0;
  return total;
}
