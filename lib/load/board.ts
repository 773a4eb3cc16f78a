/** What the threads of a load tell each other as it goes: one small shared array, no messages. */
import type { StopReason } from './tally.ts';

const reasons: readonly StopReason[] = ['time-limit', 'failures', 'interrupted'];
const stopAt = 0;
const failedAt = 1;
const openAt = 2;
const mostOpenAt = 3;
/** Of each thread: sent, answered, failed. */
const firstThreadAt = 4;
const perThread = 3;

export class Board {
  readonly shared: SharedArrayBuffer;
  readonly #cells: Int32Array;

  constructor(threads: number | SharedArrayBuffer) {
    this.shared =
      typeof threads === 'number' ? new SharedArrayBuffer((firstThreadAt + threads * perThread) * 4) : threads;
    this.#cells = new Int32Array(this.shared);
  }

  get stopped(): StopReason | undefined {
    const code = Atomics.load(this.#cells, stopAt);
    return code === 0 ? undefined : reasons[code - 1];
  }

  /** An interrupt is stronger than the reason before it. */
  stop(reason: StopReason): void {
    if (reason === 'interrupted') Atomics.store(this.#cells, stopAt, reasons.indexOf(reason) + 1);
    else Atomics.compareExchange(this.#cells, stopAt, 0, reasons.indexOf(reason) + 1);
  }

  /** Counts a failure, of whatever thread; gives how many there are. */
  failure(): number {
    return Atomics.add(this.#cells, failedAt, 1) + 1;
  }

  get failures(): number {
    return Atomics.load(this.#cells, failedAt);
  }

  /** Connections that came or went. */
  open(change: 1 | -1): void {
    const open = Atomics.add(this.#cells, openAt, change) + change;
    if (open > (this.#cells[mostOpenAt] ?? 0)) this.#cells[mostOpenAt] = open;
  }

  get mostOpen(): number {
    return this.#cells[mostOpenAt] ?? 0;
  }

  progress(thread: number, { sent, answered, failed }: { sent: number; answered: number; failed: number }): void {
    this.#cells.set([sent, answered, failed], firstThreadAt + thread * perThread);
  }

  /** Sums over all threads, as they last told them. */
  get sums(): { readonly sent: number; readonly answered: number; readonly failed: number } {
    const sums = [0, 0, 0];
    for (let at = firstThreadAt; at < this.#cells.length; at++) {
      const column = (at - firstThreadAt) % perThread;
      sums[column] = (sums[column] ?? 0) + (this.#cells[at] ?? 0);
    }
    const [sent = 0, answered = 0, failed = 0] = sums;
    return { sent, answered, failed };
  }
}
