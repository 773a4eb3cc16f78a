/** Latency histogram on a logarithmic axis, with the percentiles marked. */
import type { LatencySummary } from '../../../lib/model/load-result.ts';
import { words } from '../../language/index.ts';
import { count, duration, significant } from '../../units.ts';
import { html, type Markup } from '../markup.ts';
import { area, plot } from './plot.ts';
import { at, linear, logarithmic } from './scale.ts';

const bins = 36;

/** `lostSyns`: seconds after which a SYN that was answered went out again, each drawn as a line. */
export function latencyChart(name: string, latency: LatencySummary, lostSyns: readonly number[] = []): Markup {
  const { charts } = words().load;
  const edges = latency.buckets.map(([edge]) => edge).filter((edge) => Number.isFinite(edge) && edge > 0);
  const least = Math.min(...edges, latency.minMs > 0 ? latency.minMs : Infinity);
  const low = Number.isFinite(least) ? least * 0.9 : 0.1;
  const high = Math.max(low * 2, ...edges, Number.isFinite(latency.maxMs) ? latency.maxMs : 0);
  const x = logarithmic(low, high, area.left, area.right);
  const heights = binned(latency, low, high);
  const y = linear(Math.max(...heights), area.bottom, area.top + 14);
  const width = (area.right - area.left) / bins;
  const bars = heights.map((height, index) =>
    height > 0
      ? html`<rect
          x="${at(area.left + index * width + 0.5)}"
          y="${at(Math.min(y(height), area.bottom - 1))}"
          width="${at(width - 1)}"
          height="${at(Math.max(1, area.bottom - y(height)))}"
          class="bar"
        />`
      : undefined,
  );
  const { p50Ms, p90Ms, p99Ms } = latency;
  const marks = (
    [
      ['p50', p50Ms],
      ['p90', p90Ms],
      ['p99', p99Ms],
    ] as const
  ).map(
    ([label, ms]) =>
      html`<path d="M${at(x(ms))} ${area.top + 11}V${area.bottom}" class="mark-line" /><text
          x="${at(x(ms))}"
          y="${area.top + 7}"
          class="tick middle strong"
          >${label}</text
        >`,
  );
  const again = lostSyns
    .filter((seconds) => seconds * 1000 >= low && seconds * 1000 <= high)
    .map(
      (seconds) =>
        html`<path d="M${at(x(seconds * 1000))} ${area.top + 18}V${area.bottom}" class="again-line"
            ><title>${charts.retransmit(seconds)}</title></path
          ><text x="${at(x(seconds * 1000) - 3)}" y="${area.top + 26}" class="tick end"
            >${charts.retransmit(seconds)}</text
          >`,
    );
  return plot({
    summary: charts.latency(
      name,
      latency.count,
      duration(p50Ms),
      duration(p90Ms),
      duration(p99Ms),
      duration(latency.maxMs),
    ),
    x: { scale: x, label: short, title: charts.latencyAxis },
    y: { scale: y, label: count, title: charts.connections },
    marks: [bars, marks, again],
  });
}

/** Counts by equal steps of the logarithm; a bucket is spread evenly from the edge before it to its own. */
function binned({ buckets }: LatencySummary, low: number, high: number): number[] {
  const heights = new Array<number>(bins).fill(0);
  const span = Math.log(high / low);
  const position = (ms: number) => Math.min(bins, Math.max(0, (Math.log(ms / low) / span) * bins));
  let from = 0;
  for (const [edge, n] of buckets) {
    if (!(edge > 0) || !Number.isFinite(edge) || !Number.isFinite(n)) continue;
    const to = position(edge);
    if (to - from < 1e-9) {
      const bin = Math.min(bins - 1, Math.floor(to));
      heights[bin] = (heights[bin] ?? 0) + n;
    } else {
      for (let bin = Math.floor(from); bin < to; bin += 1) {
        const overlap = Math.min(to, bin + 1) - Math.max(from, bin);
        heights[bin] = (heights[bin] ?? 0) + (n * overlap) / (to - from);
      }
    }
    from = Math.max(from, to);
  }
  return heights;
}

function short(ms: number): string {
  return ms >= 1000 ? `${significant(ms / 1000).replace(/\.?0+$/, '')} s` : String(Number(ms.toPrecision(2)));
}
