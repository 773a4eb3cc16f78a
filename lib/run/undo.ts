/**
 * What was done to hosts, and how to take it back. An undo is registered, here and with the host's guard, before its
 * change is made; undo runs in reverse order and does not hear the run's cancellation: it has its own deadline.
 */
import type { Guard } from '../changes/guard.ts';
import type { UndoStep } from '../changes/undo-step.ts';
import { asIpvetError, type IpvetError } from '../errors.ts';
import type { Journal } from './journal.ts';

/** One change as an operator would type it, and what takes it back. */
export interface ChangePlan {
  readonly host: string;
  readonly what: string;
  readonly command: string;
  readonly undo: string;
}

/** Changes of one host that are made, and taken back, together. */
export interface ChangeGroup {
  readonly changes: readonly ChangePlan[];
  readonly undo: UndoStep;
}

/** A host's guard, or what stands for it. */
type Guarded = Pick<Guard, 'register' | 'undo' | 'keep'> & { readonly undoLimitMs?: number };

interface Registered {
  readonly plans: readonly (ChangePlan & { readonly id: number })[];
  readonly guard: Guarded;
  readonly step: number;
}

const undoDeadlineMs = 30_000;

export class UndoStack {
  readonly #journal: Journal;
  readonly #registered: Registered[] = [];
  #next = 1;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /**
   * Registers the undo, then makes the changes; `make` gets the number of the undo step. When that fails the undo is dropped only if `leftNothing` says that the
   * failure left the host as it was. Throws UNGUARDED, and what `make` throws.
   */
  async change(
    guard: Guarded,
    { changes, undo }: ChangeGroup,
    make: (step: number) => Promise<void>,
    leftNothing: (error: IpvetError) => boolean,
  ): Promise<void> {
    const plans = changes.map((change) => ({ ...change, id: this.#next++ }));
    const step = await guard.register(undo);
    const entry = { plans, guard, step };
    this.#registered.push(entry);
    for (const { id, ...plan } of plans) this.#journal.append({ type: 'change-registered', change: id, ...plan });
    try {
      await make(step);
    } catch (error) {
      const failure = asIpvetError(error, 'INTERNAL', undo.what);
      if (leftNothing(failure)) {
        this.#registered.splice(this.#registered.indexOf(entry), 1);
        for (const { id } of plans)
          this.#journal.append({ type: 'change-abandoned', change: id, reason: failure.message });
        await guard.keep(step);
      }
      throw failure;
    }
    for (const { id } of plans) this.#journal.append({ type: 'change-made', change: id });
  }

  /**
   * Runs every undo, also after one failed; false where one did. Never rejects: a failed undo is in the journal and makes
   * exit code 6.
   */
  async undoAll(): Promise<boolean> {
    let isUndone = true;
    for (let entry = this.#registered.at(-1); entry !== undefined; entry = this.#registered.at(-1)) {
      const { plans, guard, step } = entry;
      try {
        await guard.undo(step, AbortSignal.timeout(guard.undoLimitMs ?? undoDeadlineMs));
        for (const { id } of plans.toReversed()) this.#journal.append({ type: 'change-undone', change: id });
      } catch (error) {
        isUndone = false;
        const { message } = asIpvetError(error, 'INTERNAL', `undo of: ${plans[0]?.what ?? ''}`);
        for (const { id } of plans.toReversed())
          this.#journal.append({ type: 'undo-failed', change: id, reason: message });
      }
      this.#registered.pop();
    }
    return isUndone;
  }

  /** Commands that would still have to be run by hand, in the order to run them. */
  get outstanding(): readonly ChangePlan[] {
    return this.#registered.toReversed().flatMap(({ plans }) => plans.toReversed());
  }
}
