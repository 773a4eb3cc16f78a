/** A plan with where it comes from and how far it got: what `--json` prints, and what `fix undo` reads. */
import type { Fix, FixPlan } from './plan.ts';

/**
 * `planned`: not begun. `started`: its undo is on the host. `kept`: done, and its findings pass. `taken-back`: by the run, by
 * the host's guard, or by `fix undo`. `unknown`: whether it is taken back could not be seen.
 */
export type FixState = 'planned' | 'started' | 'kept' | 'taken-back' | 'unknown';

export interface PlannedFix extends Fix {
  readonly state: FixState;
  /** Why it was taken back, or what is left to do. */
  readonly note?: string;
}

export interface FixDocument extends Pick<FixPlan, 'left'> {
  readonly format: 'ipvet-fix/1';
  /** `fix-` and UTC time and four random characters: its folder, here and on hosts. */
  readonly id: string;
  readonly cluster: { readonly name: string; readonly environment: string };
  /** The run whose verdicts it mends. */
  readonly run: { readonly id: string; readonly judgedAt: string; readonly ageS: number };
  /** Verdicts that could not be reached: what is wrong there is not in the plan. */
  readonly undecided: readonly { readonly check: string; readonly host: string; readonly reason: string }[];
  readonly fixes: readonly PlannedFix[];
}

/** Hosts with something to do, in the order of the plan. */
export function hostsOfFixes({ fixes }: { readonly fixes: readonly Pick<Fix, 'host'>[] }): readonly string[] {
  return [...new Set(fixes.map(({ host }) => host))];
}
