/** The record of a fix while it goes on: on disk before anything happens on a host. */
import type { FixDocument, FixState, PlannedFix } from './document.ts';
import type { Fix } from './plan.ts';
import { writeRecord } from './record-file.ts';

export class Progress {
  readonly #folder: string;
  #document: FixDocument;

  constructor(folder: string, document: FixDocument) {
    this.#folder = folder;
    this.#document = document;
  }

  get document(): FixDocument {
    return this.#document;
  }

  of({ number }: Pick<Fix, 'number'>): PlannedFix | undefined {
    return this.#document.fixes.find((fix) => fix.number === number);
  }

  /** Throws STORAGE. */
  async set(fixes: readonly Pick<Fix, 'number'>[], state: FixState, note?: string): Promise<void> {
    const numbers = new Set(fixes.map(({ number }) => number));
    this.#document = {
      ...this.#document,
      fixes: this.#document.fixes.map((fix) => (numbers.has(fix.number) ? amended(fix, state, note) : fix)),
    };
    await writeRecord(this.#folder, this.#document);
  }
}

function amended({ note: old, ...fix }: PlannedFix, state: FixState, note = old): PlannedFix {
  return { ...fix, state, ...(note === undefined ? {} : { note }) };
}
