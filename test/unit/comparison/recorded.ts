import { normal, type Random } from '../../../lib/distribution/random.ts';
import { LatencyRecorder } from '../../../lib/load/latency.ts';
import type { LatencySummary } from '../../../lib/model/load-result.ts';

/** Log-normal latencies as a load records them: most below twice the median, a tail to ten times. */
export function recorded(random: Random, n: number, medianMs: number): LatencySummary {
  const recorder = new LatencyRecorder();
  for (let value = 0; value < n; value++) recorder.record(medianMs * Math.exp(0.6 * normal(random)));
  const summary = recorder.summary();
  if (summary === undefined) throw new RangeError('nothing was recorded');
  return summary;
}
