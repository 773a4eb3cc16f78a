/** Finds the end of a body in chunks (RFC 9112, 7.1) without keeping any of it. */
export class ChunkEnd {
  #state: 'size' | 'extension' | 'data' | 'trailer' = 'size';
  /** Bytes of the chunk still to come, with the line end after it; while its size is read, the size so far. */
  #left = 0;
  /** Bytes of the trailer line so far, without its line end. */
  #line = 0;
  /** The last chunk and the empty line after it have come. */
  reached = false;

  reset(): void {
    this.#state = 'size';
    this.#left = 0;
    this.#line = 0;
    this.reached = false;
  }

  push(buffer: Buffer, start: number, end: number): void {
    for (let at = start; at < end && !this.reached;) {
      if (this.#state === 'data') {
        const skipped = Math.min(this.#left, end - at);
        this.#left -= skipped;
        at += skipped;
        if (this.#left === 0) this.#state = 'size';
      } else this.#byte(buffer[at++] ?? 0);
    }
  }

  #byte(byte: number): void {
    if (this.#state === 'trailer') {
      if (byte === 0x0a) {
        if (this.#line === 0) this.reached = true;
        this.#line = 0;
      } else if (byte !== 0x0d) this.#line++;
      return;
    }
    if (byte === 0x0a) {
      this.#state = this.#left === 0 ? 'trailer' : 'data';
      if (this.#left > 0) this.#left += 2;
      return;
    }
    const digit = this.#state === 'size' ? Number.parseInt(String.fromCharCode(byte), 16) : Number.NaN;
    if (Number.isNaN(digit)) this.#state = 'extension';
    else this.#left = Math.min(this.#left * 16 + digit, Number.MAX_SAFE_INTEGER / 32);
  }
}
