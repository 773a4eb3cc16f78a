/** Thresholds that end a load while it goes on, as soon as what is known of it crosses them. */
import type { LoadProgress } from '../load/engine.ts';
import type { Threshold } from '../model/cluster.ts';
import type { LoadResult } from '../model/load-result.ts';

export class ThresholdWatch {
  readonly #thresholds: readonly Threshold[];
  #crossed: NonNullable<LoadResult['abortedBy']> | undefined;

  /** Of the profile that is driven. */
  constructor(thresholds: readonly Threshold[]) {
    this.#thresholds = thresholds.filter(({ abortAfterMs }) => abortAfterMs !== undefined);
  }

  /** True when the load is to end now. */
  crosses(progress: LoadProgress): boolean {
    if (this.#crossed !== undefined) return false;
    for (const { metric, max = Infinity, abortAfterMs = 0 } of this.#thresholds) {
      const value = runningValue(metric, progress);
      // A minimum may yet be reached.
      if (value === undefined || progress.atMs < abortAfterMs || value <= max) continue;
      this.#crossed = { metric, value };
      return true;
    }
    return false;
  }

  /** The result as that of a load that was ended for a threshold, where it was. */
  told(load: LoadResult): LoadResult {
    if (this.#crossed === undefined || load.stopped !== 'interrupted') return load;
    return { ...load, stopped: 'threshold', abortedBy: this.#crossed };
  }
}

/** Those of `runningMetrics`. */
function runningValue(metric: string, { sent, failed }: LoadProgress): number | undefined {
  if (metric === 'errors.count') return failed;
  return metric === 'errors.rate' && sent > 0 ? failed / sent : undefined;
}
