/**
 * What a chart over time is drawn from, beside its picture: the script makes one of it that can be zoomed. Without the
 * script, and on paper, the picture is what there is.
 */
import type { LoadSecond } from '../../../lib/model/load-result.ts';
import { brief } from '../../visible.ts';
import { type Content, html, type Markup } from '../markup.ts';

export interface LiveSeries {
  readonly name: string;
  /** Class of the stylesheet that has its colour. */
  readonly kind: string;
  /** One for each moment; undefined where there was nothing to see. */
  readonly values: readonly (number | undefined)[];
  /** A line over the others with moments of its own. */
  readonly atMs?: readonly number[];
}

export interface Live {
  /** `stacked`: one on the other, each holding until the next moment; `lines`: each by itself. */
  readonly shape: 'stacked' | 'lines';
  readonly unit: string;
  readonly atMs: readonly number[];
  /** Of a stack the bottom first. */
  readonly series: readonly LiveSeries[];
}

/** The figure with its picture in it. Those of one `sync` share cursor and zoom. */
export function liveFigure({ shape, unit, atMs, series }: Live, content: Content, sync = ''): Markup {
  const own = series.filter((one) => one.atMs !== undefined);
  return html`<figure
    data-live="${shape}"
    data-unit="${unit}"
    data-names="${JSON.stringify(series.map(({ name }) => brief(name, 40)))}"
    data-kinds="${series.map(({ kind }) => kind).join(' ')}"
    data-at="${steps(atMs)}"
    data-values="${series.map(({ values }) => values.map((value) => value ?? '').join()).join(';')}"
    data-own="${own.map((one) => steps(one.atMs ?? [])).join(';')}"
    data-sync="${sync}"
  >
    ${content}
  </figure>`;
}

/** Differences, which are short, and where they are all the same, one with a count: `0+1000x3599`. */
function steps(atMs: readonly number[]): string {
  const whole = atMs.map((ms) => Math.round(ms));
  const [first = 0, ...others] = whole;
  const by = others.map((ms, index) => ms - (whole[index] ?? 0));
  const [step = 0] = by;
  return by.every((one) => one === step) ? `${first}+${step}x${by.length}` : [first, ...by].join();
}

/** Requests of each second, failed at the bottom as in the picture. */
export function liveRate(timeline: readonly LoadSecond[], names: { failed: string; answered: string }): Live {
  const series = (name: string, kind: string, of: (second: LoadSecond) => number) => ({
    name,
    kind,
    // The last second lasts a second, too.
    values: [...timeline, ...timeline.slice(-1)].map(of),
  });
  return {
    shape: 'stacked',
    unit: '',
    atMs: Array.from({ length: timeline.length + 1 }, (_, second) => second * 1000),
    series: [
      series(names.failed, 'failed', ({ failed }) => failed),
      series(names.answered, 'bar', ({ answered }) => answered),
    ],
  };
}

export function liveLatency(timeline: readonly LoadSecond[]): Live {
  return {
    shape: 'lines',
    unit: 'ms',
    atMs: timeline.map((_, second) => second * 1000),
    series: [
      { name: 'p99', kind: 'line-p99', values: timeline.map(({ p99Ms }) => p99Ms) },
      { name: 'p50', kind: 'line-p50', values: timeline.map(({ p50Ms }) => p50Ms) },
    ],
  };
}
