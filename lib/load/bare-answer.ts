/** An answer without HTTP: over bare TCP or TLS, or one datagram. */
import type { Answer, AnswerFault } from './answer.ts';
import { patternName } from './http-answer.ts';

/** What is kept of an answer. */
const keptLimit = 64 * 1024;

export interface BareOptions {
  /** Must match what came. Absent, with `echo` absent too: the first byte is the answer. */
  readonly expect?: string;
  /** Must come back as it was sent. */
  readonly echo?: string;
  /** Names the real server. */
  readonly identify?: string;
  /** Whether something must come at all: false where nothing was sent and nothing is expected. */
  readonly wanted: boolean;
}

export class BareAnswer implements Answer {
  readonly #options: BareOptions;
  readonly #expect: RegExp | undefined;
  readonly #identify: RegExp | undefined;
  #text = '';
  #received = 0;
  readonly broken = undefined;
  readonly lastOfConnection = false;

  constructor(options: BareOptions) {
    this.#options = options;
    this.#expect = options.expect === undefined ? undefined : new RegExp(options.expect);
    this.#identify = options.identify === undefined ? undefined : new RegExp(options.identify);
  }

  reset(): void {
    this.#text = '';
    this.#received = 0;
  }

  push(buffer: Buffer, length: number): void {
    this.#received += length;
    const room = keptLimit - this.#text.length;
    if (room > 0) this.#text += buffer.toString('latin1', 0, Math.min(length, room));
  }

  get whole(): boolean {
    const { echo, wanted } = this.#options;
    if (!wanted) return true;
    if (echo !== undefined) return this.#received >= echo.length;
    return this.#expect === undefined ? this.#received > 0 : this.#expect.test(this.#text);
  }

  end(): AnswerFault {
    const { echo, wanted } = this.#options;
    if (!wanted) return undefined;
    if (this.#received === 0) return { kind: 'short-read', message: 'closed without an answer' };
    const shown = JSON.stringify(this.#text.slice(0, 40));
    if (echo !== undefined && this.#text !== echo) {
      const short = this.#received < echo.length && echo.startsWith(this.#text);
      return { kind: short ? 'short-read' : 'bad-body', message: `not what was sent came back: ${shown}` };
    }
    if (this.#expect?.test(this.#text) === false)
      return { kind: 'bad-body', message: `not the answer expected: ${shown}` };
    return undefined;
  }

  get realServer(): string | undefined {
    return this.#identify === undefined ? undefined : patternName(this.#identify, this.#text);
  }
}
