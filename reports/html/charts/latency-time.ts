/** Median and 99th percentile of the answers of each second of the load. */
import type { LoadSecond } from '../../../lib/model/load-result.ts';
import { words } from '../../language/index.ts';
import { duration, significant } from '../../units.ts';
import { html, type Markup } from '../markup.ts';
import { area, plot } from './plot.ts';
import { at, elapsed, linear } from './scale.ts';

const mostPoints = 120;

/** Seconds without answers are left out of the line, never drawn as 0. */
export function latencyTimeChart(timeline: readonly LoadSecond[]): Markup {
  const merged = Math.max(1, Math.ceil(timeline.length / mostPoints));
  const x = elapsed(timeline.length, area.left, area.right);
  const seconds = timeline.flatMap(({ p50Ms, p99Ms }) =>
    p50Ms === undefined || p99Ms === undefined ? [] : [{ p50Ms, p99Ms }],
  );
  const highest = seconds.reduce((most, { p99Ms }) => Math.max(most, p99Ms), 0);
  const y = linear(highest, area.bottom, area.top);
  const points = (of: (second: LoadSecond) => number | undefined) => highestOfEach(timeline, merged, of);
  const path = (values: readonly (number | undefined)[]) =>
    values
      .map((value, index) =>
        value === undefined
          ? ''
          : `${values[index - 1] === undefined ? 'M' : 'L'}${at(x((index + 0.5) * merged))} ${at(y(value))}`,
      )
      .join('');
  const { charts } = words().load;
  return plot({
    summary: charts.latencyTime(
      timeline.length,
      duration(seconds.reduce((most, { p50Ms }) => Math.max(most, p50Ms), 0)),
      duration(highest),
    ),
    x: { scale: x, label: String, title: charts.seconds },
    y: { scale: y, label: axisLabel, title: charts.milliseconds },
    marks: [
      html`<path d="${path(points(({ p99Ms }) => p99Ms))}" class="line-p99" />`,
      html`<path d="${path(points(({ p50Ms }) => p50Ms))}" class="line-p50" />`,
    ],
  });
}

/** Of each `merged` seconds the highest; undefined where none has one. */
function highestOfEach(
  timeline: readonly LoadSecond[],
  merged: number,
  of: (second: LoadSecond) => number | undefined,
): readonly (number | undefined)[] {
  return Array.from({ length: Math.ceil(timeline.length / merged) }, (_, index) =>
    timeline.slice(index * merged, (index + 1) * merged).reduce<number | undefined>((most, second) => {
      const value = of(second);
      return value === undefined ? most : Math.max(most ?? 0, value);
    }, undefined),
  );
}

function axisLabel(ms: number): string {
  return significant(ms).replace(/\.0+$/, '');
}
