/** What became of the guards of a run, told by them at any time: whether a host has taken everything back by itself. */
import type { EarlierUndo } from '../changes/channel.ts';
import type { IpvetError } from '../errors.ts';

export interface Fate {
  readonly error: IpvetError;
  /** The account of the host's own undo; absent when it can only no longer be trusted to do it. */
  readonly undone?: EarlierUndo;
}

export class Fates {
  readonly #known = new Map<string, Fate>();
  readonly #waiting = new Map<string, (() => void)[]>();

  /** For `GuardOptions.onLost`. */
  readonly tell = (error: IpvetError, undone: EarlierUndo | undefined): void => {
    const host = error.host ?? '';
    this.#known.set(host, { error, ...(undone === undefined ? {} : { undone }) });
    for (const go of this.#waiting.get(host) ?? []) go();
  };

  of(host: string): Fate | undefined {
    return this.#known.get(host);
  }

  /** Undefined when nothing is heard within the time. */
  async within(host: string, limitMs: number): Promise<Fate | undefined> {
    if (!this.#known.has(host)) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#waiting.set(host, [...(this.#waiting.get(host) ?? []), resolve]);
        timer = setTimeout(resolve, limitMs);
      });
      clearTimeout(timer);
    }
    return this.of(host);
  }
}
