/** A word that is compared and never shown: not by JSON, not by a template, not by a stack of a failed test. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** In characters. */
  get length(): number {
    return this.#text.length;
  }

  /** Whether both begin with the same `characters`, and are as long up to there. */
  sameAs(other: Secret, characters = Infinity): boolean {
    return this.#text.slice(0, characters) === other.#text.slice(0, characters);
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return this.toString();
  }
}
