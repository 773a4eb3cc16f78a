/** How connections fell on the real servers. */

/**
 * `exact`: the counts follow from one another; `by-hash`: the destination of each client is computed; `monte-carlo`: the
 * load is simulated; `chi-square`: each connection or client is a trial of its own; `untestable`: nothing could be judged.
 */
export type DistributionMethod = 'exact' | 'chi-square' | 'monte-carlo' | 'by-hash' | 'untestable';

/** How connections fell on the real servers, against what the scheduler promises. */
export interface Distribution {
  readonly service: string;
  readonly scheduler: string;
  /** What was counted: the director's counters, or answers the client attributed. */
  readonly basis: 'director-counters' | 'client-answers';
  readonly expected: Readonly<Record<string, number>>;
  readonly observed: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
  /** How it was judged; absent in records of before. */
  readonly method?: DistributionMethod;
  /** Lowest and highest share that the scheduler may have given each destination over so many connections. */
  readonly bounds?: Readonly<Record<string, readonly [number, number]>>;
  /** Within which the share of each destination lies that these connections are a sample of (Wilson); with chi-square alone. */
  readonly confidence?: Readonly<Record<string, readonly [number, number]>>;
  /** How often counts at least this uneven come up when the expected shares are true; absent when the sample is too small. */
  readonly pValue?: number;
  readonly chiSquare?: number;
  /** Largest |observed - expected| share. */
  readonly largestDeviation: number;
  /** Cohen's w: 0.1 is small, 0.3 medium, 0.5 large. */
  readonly effectSize?: number;
  /** Connections. */
  readonly n: number;
  /** What was counted, how many there were, and how many it takes to find one real server at half its weight. */
  readonly sample?: { readonly unit: 'connection' | 'source-address'; readonly size: number; readonly needed?: number };
  /** What else limits the conclusion, a clause each. */
  readonly limits?: readonly string[];
  readonly outcome: 'pass' | 'fail' | 'error';
  /** One sentence: why it is so, or what limits the conclusion. */
  readonly reason: string;
}
