/** One run beside the other, in order of time: what failed, and how long answers took. */
import type { TrendPoint } from '../../trend.ts';
import { words } from '../../language/index.ts';
import { count, duration, significant } from '../../units.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { area, plot } from './plot.ts';
import { at, linear, type Scale } from './scale.ts';

/** A place of the same width for each run. */
function places(runs: number): Scale & { readonly width: number } {
  const width = (area.right - area.left) / Math.max(1, runs);
  return Object.assign((index: number) => area.left + (index + 0.5) * width, {
    ticks: Array.from({ length: runs }, (_, index) => index),
    width,
  });
}

/** Failed at the bottom, not evaluated on it. */
export function trendChecks(trend: readonly TrendPoint[]): Markup {
  const { trend: say } = words();
  const x = places(trend.length);
  const y = linear(
    Math.max(0, ...trend.map(({ failed, notEvaluated }) => failed + notEvaluated)),
    area.bottom,
    area.top,
  );
  const width = Math.min(28, x.width * 0.7);
  const bar = (index: number, from: number, to: number, kind: string) =>
    to > from
      ? html`<rect
          x="${at(x(index) - width / 2)}"
          y="${at(y(to))}"
          width="${at(width)}"
          height="${at(y(from) - y(to))}"
          class="${kind}"
        />`
      : nothing;
  const last = trend.at(-1);
  return plot({
    summary: say.checksSummary(trend.length, last?.failed ?? 0, last?.notEvaluated ?? 0),
    x: { scale: x, label: (index) => String(index + 1), title: say.runs },
    y: { scale: y, label: count, title: say.number },
    marks: trend.map(({ failed, notEvaluated }, index) => [
      bar(index, 0, failed, 'failed'),
      bar(index, failed, failed + notEvaluated, 'gap'),
    ]),
  });
}

export interface TrendLatency {
  readonly load: string;
  /** One for each run; undefined where it had no such load, or nothing was answered. */
  readonly runs: readonly ({ readonly p50Ms: number; readonly p99Ms: number } | undefined)[];
}

/** Of each load that more than one run had. */
export function latenciesOf(trend: readonly TrendPoint[]): readonly TrendLatency[] {
  const { ofLoad } = words().trend;
  const names = new Set(trend.flatMap(({ load }) => load.map(({ service, profile }) => ofLoad(service, profile))));
  return [...names]
    .map((name) => ({
      load: name,
      runs: trend.map(({ load }) => {
        const one = load.find(({ service, profile }) => ofLoad(service, profile) === name);
        const { p50Ms, p99Ms } = one ?? {};
        return p50Ms === undefined || p99Ms === undefined ? undefined : { p50Ms, p99Ms };
      }),
    }))
    .filter(({ runs }) => runs.filter((run) => run !== undefined).length > 1);
}

export function trendLatency({ load, runs }: TrendLatency): Markup {
  const { trend: say } = words();
  const x = places(runs.length);
  const y = linear(Math.max(0, ...runs.map((run) => run?.p99Ms ?? 0)), area.bottom, area.top);
  const line = (of: 'p50Ms' | 'p99Ms') =>
    runs
      .map((run, index) =>
        run === undefined ? '' : `${runs[index - 1] === undefined ? 'M' : 'L'}${at(x(index))} ${at(y(run[of]))}`,
      )
      .join('');
  const dots = (of: 'p50Ms' | 'p99Ms') =>
    runs.map((run, index) =>
      run === undefined
        ? nothing
        : html`<circle
            cx="${at(x(index))}"
            cy="${at(y(run[of]))}"
            r="2.5"
            class="${of === 'p50Ms' ? 'dot-p50' : 'dot-p99'}"
          />`,
    );
  const last = runs.findLast((run) => run !== undefined);
  return plot({
    summary: say.latencySummary(
      load.slice(0, 200),
      runs.length,
      duration(last?.p50Ms ?? NaN),
      duration(last?.p99Ms ?? NaN),
    ),
    x: { scale: x, label: (index) => String(index + 1), title: say.runs },
    y: { scale: y, label: (ms) => significant(ms).replace(/\.0+$/, ''), title: words().load.charts.milliseconds },
    marks: [
      html`<path d="${line('p99Ms')}" class="line-p99" />`,
      html`<path d="${line('p50Ms')}" class="line-p50" />`,
      dots('p99Ms'),
      dots('p50Ms'),
    ],
  });
}
