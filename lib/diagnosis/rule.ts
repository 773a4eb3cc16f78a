import type { Diagnosis } from '../model/diagnosis.ts';
import type { DiagnosisInput } from './input.ts';

export interface Exclusion {
  readonly service: string;
  readonly cause: string;
  /** One sentence. */
  readonly because: string;
}

/** A rule knows one cause of the fault catalogue, or a few that one observation tells apart. Pure. */
export interface Rule {
  /** Ids of the fault catalogue it can name. */
  readonly causes: readonly string[];
  /** It counts where nothing that another rule says of the host is believed, and where it names the same cause. */
  readonly yields?: true;
  evaluate(input: DiagnosisInput): readonly Diagnosis[];
  /** Causes it looked at that an observation contradicts. */
  excludes?(input: DiagnosisInput): readonly Exclusion[];
}
