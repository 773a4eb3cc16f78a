/** Requests answered and failed in each second of the load. */
import type { LoadResult } from '../../../lib/model/load-result.ts';
import { words } from '../../language/index.ts';
import { count } from '../../units.ts';
import { html, type Markup } from '../markup.ts';
import { area, plot } from './plot.ts';
import { at, elapsed, linear } from './scale.ts';

type Row = LoadResult['timeline'][number];

const mostBars = 120;

export function timelineChart(timeline: readonly Row[]): Markup {
  const merged = Math.max(1, Math.ceil(timeline.length / mostBars));
  const rows = perSecond(timeline, merged);
  const x = elapsed(timeline.length, area.left, area.right);
  const y = linear(Math.max(0, ...rows.map(({ answered, failed }) => answered + failed)), area.bottom, area.top);
  const bars = rows.map(({ answered, failed }, index) => {
    const left = x(index * merged);
    const width = at(Math.max(0.8, x((index + 1) * merged) - left - 1));
    // Failed lies on the axis, where small numbers can still be seen.
    const [floor, middle, top] = [area.bottom, y(failed), y(failed + answered)];
    return [
      failed > 0 &&
        html`<rect
          x="${at(left)}"
          y="${at(Math.min(middle, floor - 1))}"
          width="${width}"
          height="${at(Math.max(1, floor - middle))}"
          class="failed"
        />`,
      answered > 0 &&
        html`<rect
          x="${at(left)}"
          y="${at(top)}"
          width="${width}"
          height="${at(Math.max(0.5, middle - top))}"
          class="bar"
        />`,
    ];
  });
  const total = (pick: (row: Row) => number) => timeline.reduce((sum, row) => sum + pick(row), 0);
  const { charts } = words().load;
  return plot({
    summary: charts.timeline(
      timeline.length,
      total((row) => row.answered),
      total((row) => row.failed),
    ),
    x: { scale: x, label: (value) => String(value), title: charts.seconds },
    y: { scale: y, label: count, title: charts.requestsPerSecond },
    marks: bars,
  });
}

/** Means over `merged` seconds, for runs longer than there are bars. */
function perSecond(timeline: readonly Row[], merged: number): { readonly answered: number; readonly failed: number }[] {
  const rows: { answered: number; failed: number }[] = [];
  for (let index = 0; index < timeline.length; index += merged) {
    const group = timeline.slice(index, index + merged);
    const mean = (pick: (row: Row) => number) => group.reduce((sum, row) => sum + finite(pick(row)), 0) / group.length;
    rows.push({ answered: mean((row) => row.answered), failed: mean((row) => row.failed) });
  }
  return rows;
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
