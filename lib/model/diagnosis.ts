import type { Evidence, Remedy } from './evidence.ts';

export type Certainty = 'certain' | 'likely' | 'possible';

/** One cause of what failed, named by its id in the fault catalogue. */
export interface Diagnosis {
  readonly cause: string;
  /** The cause in one plain sentence, with names and values. */
  readonly summary: string;
  readonly host?: string;
  readonly service?: string;
  readonly certainty: Certainty;
  /** The observations it rests on, one sentence each. */
  readonly because: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly remedy?: Remedy;
  /** Other causes that were looked at, and what excludes each. */
  readonly ruledOut: readonly { readonly cause: string; readonly because: string }[];
  /** Failed verdicts this cause accounts for, as `check@host/service`. */
  readonly explains: readonly string[];
}
