/** One fault tried: what is done to a run, and what came of it. */
import type { Ended, ProductRun } from './product-run.ts';
import type { Equality, Testbed } from './testbed.ts';

export interface Outcome {
  /** When it struck, in words. */
  readonly moment: string;
  /** What the run said of itself: its exit code, or the signal that ended it. */
  readonly ending: string;
  /** Since the run's death, or since the fault where the run outlived it. */
  readonly equalAfterMs?: number;
  /** What was different in the end. */
  readonly left: readonly string[];
  /** Other promises that were not kept, one sentence each. */
  readonly broken: readonly string[];
}

export interface Strike {
  readonly id: string;
  readonly title: string;
  act(bed: Testbed): Promise<Outcome>;
}

/** Promises that were broken, collected rather than thrown: the state of the hosts is looked at in any case. */
export class Promises {
  readonly broken: string[] = [];

  keep(kept: boolean, broken: string): void {
    if (!kept) this.broken.push(broken);
  }

  exits(ended: Ended, ...codes: readonly number[]): void {
    const last = ended.stderr.trimEnd().split('\n').slice(-6).join(' | ');
    this.keep(
      ended.code !== null && codes.includes(ended.code),
      `it ended with ${endingOf(ended)}, not ${codes.join(' or ')}: ${last}`,
    );
  }

  says(text: string, words: RegExp, where = 'the run'): void {
    // On one line: a report breaks its lines where a terminal ends.
    this.keep(words.test(text.replaceAll(/\s+/g, ' ')), `${where} does not say ${String(words)}`);
  }

  outcome(moment: string, ending: string, { afterMs, left }: Equality): Outcome {
    return {
      moment,
      ending,
      ...(afterMs === undefined ? {} : { equalAfterMs: afterMs }),
      left,
      broken: this.broken,
    };
  }
}

export const endingOf = ({ code, signal }: Ended): string => (code === null ? (signal ?? '?') : `exit ${code}`);

/** The undo of the first change is registered, and the change is about to be made. */
export const changing = (run: ProductRun): Promise<boolean> => run.until(({ type }) => type === 'change-registered');
export const changed = (run: ProductRun): Promise<boolean> => run.until(({ type }) => type === 'change-made');
export const underLoad = (run: ProductRun): Promise<boolean> =>
  run.until((event) => event.type === 'stage-started' && event.name.startsWith('load'));
export const restoring = (run: ProductRun): Promise<boolean> =>
  run.until((event) => event.type === 'stage-started' && event.name === 'restore');
