import { IpvetError } from '../errors.ts';
import { onAbort } from './abort.ts';

/** So many at a time, first come first served. */
export class Slots {
  #limit: number;
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = Math.max(1, limit);
  }

  /** Taken now. */
  get taken(): number {
    return this.#taken;
  }

  /** Never below 1. */
  lower(limit: number): void {
    this.#limit = Math.max(1, Math.min(this.#limit, limit));
  }

  /** Resolves to the function that gives the slot back; calling it again does nothing. Throws ABORTED. */
  async take(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw new IpvetError('ABORTED', 'Interrupted.', { cause: signal.reason });
    if (this.#taken >= this.#limit) await this.#turn(signal);
    else this.#taken++;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#taken--;
      this.#next();
    };
  }

  #next(): void {
    if (this.#taken >= this.#limit) return;
    const turn = this.#waiting.shift();
    if (turn === undefined) return;
    // Taken on behalf of the one who waits, so that nobody slips in before it runs.
    this.#taken++;
    turn();
  }

  async #turn(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const turn = () => {
        disarm();
        resolve();
      };
      const abort = () => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1);
        reject(new IpvetError('ABORTED', 'Interrupted.', { cause: signal.reason }));
      };
      this.#waiting.push(turn);
      const disarm = onAbort(signal, abort);
    });
  }
}
