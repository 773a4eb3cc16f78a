import { build, encodeIntoCompressedBase64, decodeFromCompressedBase64, type Histogram } from 'hdr-histogram-js';
import type { LatencySummary } from '../model/load-result.ts';

/** Upper edges of the buckets for drawing, in µs: eight a decade from 10 µs to 1000 s. */
const edgesUs: readonly number[] = Array.from({ length: 65 }, (_, step) => Math.round(10 * 10 ** (step / 8)));
const highestUs = edgesUs.at(-1) ?? 0;

/** The recordings of one thread, as they go to another. */
export interface LatencyPart {
  readonly histogram: string;
  readonly buckets: Uint32Array;
}

/** Latencies of one kind, recorded in µs with three significant digits. */
export class LatencyRecorder {
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: highestUs,
    numberOfSignificantValueDigits: 3,
  });
  readonly #buckets = new Uint32Array(edgesUs.length);

  record(elapsedMs: number): void {
    const us = Math.min(highestUs, Math.max(1, Math.round(elapsedMs * 1000)));
    this.#histogram.recordValue(us);
    const bucket = bucketOf(us);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
  }

  /** What `add` takes, for another thread; undefined when nothing was recorded. */
  part(): LatencyPart | undefined {
    if (this.#histogram.totalCount === 0) return undefined;
    return { histogram: encodeIntoCompressedBase64(this.#histogram), buckets: this.#buckets };
  }

  add(part: LatencyPart | undefined): void {
    if (part === undefined) return;
    this.#histogram.add(decodeFromCompressedBase64(part.histogram));
    for (const [index, count] of part.buckets.entries()) this.#buckets[index] = (this.#buckets[index] ?? 0) + count;
  }

  /** Undefined when nothing was recorded. */
  summary(): LatencySummary | undefined {
    const histogram = this.#histogram;
    if (histogram.totalCount === 0) return undefined;
    const maxUs = histogram.maxValue;
    // A percentile is the upper edge of its cell, which may lie above the highest value.
    const percentileMs = (percentile: number) => Math.min(maxUs, histogram.getValueAtPercentile(percentile)) / 1000;
    return {
      count: histogram.totalCount,
      minMs: histogram.minNonZeroValue / 1000,
      meanMs: round(histogram.mean / 1000),
      p50Ms: percentileMs(50),
      p90Ms: percentileMs(90),
      p99Ms: percentileMs(99),
      maxMs: maxUs / 1000,
      percentiles: [66, 75, 80, 95, 98, 99.9].map((percentile) => [percentile, percentileMs(percentile)] as const),
      deviationMs: round(histogram.stdDeviation / 1000),
      buckets: this.#drawn(),
    };
  }

  /** Buckets from the first to the last that hold something. */
  #drawn(): (readonly [number, number])[] {
    const all = edgesUs.map((edge, index): readonly [number, number] => [edge / 1000, this.#buckets[index] ?? 0]);
    const first = all.findIndex(([, count]) => count > 0);
    const last = all.findLastIndex(([, count]) => count > 0);
    return all.slice(first, last + 1);
  }
}

/** Index of the first edge that is not below the value. */
function bucketOf(us: number): number {
  let low = 0;
  let high = edgesUs.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edgesUs[middle] ?? Infinity) < us) low = middle + 1;
    else high = middle;
  }
  return low;
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
