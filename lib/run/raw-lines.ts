/**
 * The lines of raw.ndjson, beside the journal: what a run was asked to do and everything it was answered, so that the
 * run can be judged again without a host. The journal has the same in words for a reader.
 */
import type { HostAnswers, Wordings } from '../facts/answers.ts';
import type { CommandAnswer } from '../model/custom-check.ts';
import type { Fact } from '../model/facts.ts';
import type { Problem } from '../model/run-record.ts';
import type { Selection } from './selection.ts';
import type { ObservedService } from './traffic-stage.ts';

/** A newer format is a larger number; ours reads its own. */
export const rawFormat = 'ipvet-raw/1';

export type KeptCommandAnswer = Fact<Omit<CommandAnswer, 'find'>>;

export type RawLine =
  | {
      readonly type: 'asked';
      readonly format: typeof rawFormat;
      readonly version: string;
      /** The cluster file as it was read, secrets taken out; absent where the run had none. */
      readonly declared?: unknown;
      /** Day by which waivers were judged, YYYY-MM-DD. */
      readonly today: string;
      readonly selection: Selection;
      readonly failOn: 'fail' | 'warn';
      readonly wordings: Wordings;
    }
  | { readonly type: 'answers'; readonly stage: string; readonly answers: HostAnswers }
  | { readonly type: 'unreachable'; readonly stage: string; readonly host: string; readonly error: Problem }
  | {
      readonly type: 'command-answer';
      readonly check: string;
      readonly host: string;
      readonly answer: KeptCommandAnswer;
    }
  | { readonly type: 'observed'; readonly observed: ObservedService; readonly service: string }
  /** One that would have made the file too large. */
  | { readonly type: 'left-out'; readonly what: string; readonly bytes: number };
