/**
 * What was done to hosts, and how to take it back. An undo is registered before its change is made, runs in reverse
 * order, and does not hear the run's cancellation: it has its own deadline.
 */
import { asIpvetError, type IpvetError } from '../errors.ts';
import type { Journal } from './journal.ts';

export interface ChangePlan {
  readonly host: string;
  readonly what: string;
  /** As an operator would type it. */
  readonly command: string;
  readonly undo: string;
}

interface Registered extends ChangePlan {
  readonly id: number;
  readonly revert: (signal: AbortSignal) => Promise<void>;
}

const undoDeadlineMs = 20_000;

export class UndoStack {
  readonly #journal: Journal;
  readonly #registered: Registered[] = [];
  #next = 1;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /**
   * Registers the undo, then makes the change. When the change fails its undo is dropped only if `leftNothing` says
   * that the failure left the host as it was.
   */
  async change(
    plan: ChangePlan,
    make: () => Promise<void>,
    revert: (signal: AbortSignal) => Promise<void>,
    leftNothing: (error: IpvetError) => boolean,
  ): Promise<void> {
    const id = this.#next++;
    this.#journal.append({ type: 'change-registered', change: id, ...plan });
    this.#registered.push({ ...plan, id, revert });
    try {
      await make();
    } catch (error) {
      const failure = asIpvetError(error, 'INTERNAL', plan.what);
      if (leftNothing(failure)) {
        this.#registered.pop();
        this.#journal.append({ type: 'change-abandoned', change: id, reason: failure.message });
      }
      throw failure;
    }
    this.#journal.append({ type: 'change-made', change: id });
  }

  /** Runs every undo, also after one failed. Never rejects: a failed undo is in the journal and makes exit code 6. */
  async undoAll(): Promise<void> {
    for (let entry = this.#registered.pop(); entry !== undefined; entry = this.#registered.pop()) {
      try {
        await entry.revert(AbortSignal.timeout(undoDeadlineMs));
        this.#journal.append({ type: 'change-undone', change: entry.id });
      } catch (error) {
        const failure = asIpvetError(error, 'INTERNAL', `undo of: ${entry.what}`);
        this.#journal.append({ type: 'undo-failed', change: entry.id, reason: failure.message });
      }
    }
  }

  /** Commands that would still have to be run by hand, in the order to run them. */
  get outstanding(): readonly ChangePlan[] {
    return this.#registered.toReversed();
  }
}
