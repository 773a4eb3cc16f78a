/** What is seen of one virtual service under load. */
import type { Distribution } from './distribution.ts';
import type { EndReading } from './ends.ts';
import type { LoadResult } from './load-result.ts';
import type { Sampling } from './sampling.ts';

/** Observations a check can require besides host facts; they belong to the subject's service. */
export interface Observations {
  readonly load: LoadResult;
  readonly sampling: Sampling;
  /** The client's, and each real server's of the service; hosts that the run was limited not to ask are absent. */
  readonly ends: readonly EndReading[];
  readonly distribution: Distribution;
}
