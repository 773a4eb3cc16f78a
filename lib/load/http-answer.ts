/** Reads one HTTP/1.x answer. Keeps no more of it than it must. */
import type { Identification } from '../model/cluster.ts';
import type { Answer, AnswerFault } from './answer.ts';
import { ChunkEnd } from './chunk-end.ts';

/** Longest header block that is read; servers themselves stop at 8 to 64 KiB. */
const headLimit = 64 * 1024;
/** What is kept of a body to look for the real server's name in. */
const bodyLimit = 64 * 1024;
const nameLimit = 100;

export class HttpAnswer implements Answer {
  readonly #expectStatus: number;
  readonly #expectBody: RegExp | undefined;
  readonly #keepsBody: boolean;
  readonly #header: string | undefined;
  readonly #pattern: RegExp | undefined;

  #head = '';
  #headDone = false;
  #status = 0;
  #length: number | undefined;
  #chunked = false;
  #received = 0;
  readonly #chunkEnd = new ChunkEnd();
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #name: string | undefined;
  lastOfConnection = false;
  /** Set when the answer cannot become a good one any more. */
  broken: { readonly kind: 'other'; readonly message: string } | undefined;

  /** The body must match `expectBody` where there is one. */
  constructor(expectStatus: number, identifyBy: Identification, expectBody?: string) {
    this.#expectBody = expectBody === undefined ? undefined : new RegExp(expectBody);
    this.#expectStatus = expectStatus;
    this.#header = identifyBy.kind === 'header' ? `\r\n${identifyBy.name.toLowerCase()}:` : undefined;
    this.#pattern = identifyBy.kind === 'body' ? new RegExp(identifyBy.pattern) : undefined;
    this.#keepsBody = this.#pattern !== undefined || this.#expectBody !== undefined;
  }

  /** Ready for the next connection. */
  reset(): void {
    this.#head = '';
    this.#headDone = false;
    this.#status = 0;
    this.lastOfConnection = false;
    this.#length = undefined;
    this.#chunked = false;
    this.#received = 0;
    this.#chunkEnd.reset();
    if (this.#keptBytes > 0) this.#kept = [];
    this.#keptBytes = 0;
    this.#name = undefined;
    this.broken = undefined;
  }

  /** Bytes `0..length` of the buffer, which is free for reuse afterwards. */
  push(buffer: Buffer, length: number): void {
    if (this.broken !== undefined) return;
    if (this.#headDone) {
      this.#body(buffer, 0, length);
      return;
    }
    const seen = this.#head.length;
    const text = seen === 0 ? buffer.toString('latin1', 0, length) : this.#head + buffer.toString('latin1', 0, length);
    if (!'HTTP/1.'.startsWith(text.slice(0, 7))) {
      this.broken = { kind: 'other', message: `not an HTTP answer: ${JSON.stringify(text.slice(0, 40))}` };
      return;
    }
    const end = text.indexOf('\r\n\r\n');
    if (end === -1) {
      this.#head = text;
      if (text.length > headLimit) this.broken = { kind: 'other', message: 'the header of the answer does not end' };
      return;
    }
    this.#headDone = true;
    this.broken = this.#readHead(text.slice(0, end + 2));
    this.#body(buffer, end + 4 - seen, length);
  }

  /** Whether every byte it announced has come. False also when the end shows only by the connection closing. */
  get whole(): boolean {
    if (!this.#headDone) return false;
    return this.#chunked ? this.#chunkEnd.reached : this.#length !== undefined && this.#received >= this.#length;
  }

  /** Judges what came before the connection closed. */
  end(): AnswerFault {
    if (this.broken !== undefined) return this.broken;
    if (!this.#headDone) {
      const got = this.#head.length;
      const message = got === 0 ? 'closed without an answer' : `closed within the header, after ${got} bytes`;
      return { kind: 'short-read', message };
    }
    if (this.#length !== undefined && this.#received < this.#length) {
      return { kind: 'short-read', message: `${this.#received} of ${this.#length} bytes of the body` };
    }
    if (this.#chunked && !this.#chunkEnd.reached) {
      return { kind: 'short-read', message: `closed within a chunked body, after ${this.#received} bytes` };
    }
    if (this.#status !== this.#expectStatus) {
      const from = this.realServer;
      return { kind: 'bad-status', message: `HTTP ${this.#status}${from === undefined ? '' : ` from ${from}`}` };
    }
    if (this.#expectBody?.test(this.#bodyText()) === false) {
      const from = this.realServer;
      const shown = JSON.stringify(this.#bodyText().slice(0, 40));
      return {
        kind: 'bad-body',
        message: `not the body expected${from === undefined ? '' : ` from ${from}`}: ${shown}`,
      };
    }
    return undefined;
  }

  /** The name the real server gave of itself. */
  get realServer(): string | undefined {
    if (this.#pattern === undefined) return this.#name;
    return patternName(this.#pattern, this.#bodyText());
  }

  #bodyText(): string {
    const raw = Buffer.concat(this.#kept);
    return (this.#chunked ? dechunked(raw) : raw).toString('utf8');
  }

  /** What is wrong with the head, if anything. */
  #readHead(head: string): HttpAnswer['broken'] {
    this.#status = Number(head.slice(9, 12));
    if (!(this.#status >= 100)) {
      return { kind: 'other', message: `not a status line: ${JSON.stringify(head.slice(0, 40))}` };
    }
    const lower = head.toLowerCase();
    const encoding = lower.indexOf('\r\ntransfer-encoding:');
    this.#chunked = encoding !== -1 && value(lower, lower, encoding + 20).includes('chunked');
    const connection = lower.indexOf('\r\nconnection:');
    const said = connection === -1 ? '' : value(lower, lower, connection + 13);
    // RFC 9112, 9.3: version 1.0 closes unless it says otherwise.
    this.lastOfConnection = said.includes('close') || (lower.startsWith('http/1.0') && !said.includes('keep-alive'));
    const length = lower.indexOf('\r\ncontent-length:');
    if (this.#status === 204 || this.#status === 304) this.#length = 0;
    else if (length !== -1 && !this.#chunked) {
      const announced = Number(value(lower, lower, length + 17));
      if (Number.isSafeInteger(announced) && announced >= 0) this.#length = announced;
      else return { kind: 'other', message: 'Content-Length is not a number' };
    }
    if (this.#header !== undefined) {
      const at = lower.indexOf(this.#header);
      if (at !== -1) this.#name = named(value(lower, head, at + this.#header.length));
    }
    return undefined;
  }

  #body(buffer: Buffer, start: number, end: number): void {
    const bytes = end - start;
    if (bytes <= 0) return;
    this.#received += bytes;
    if (this.#chunked) this.#chunkEnd.push(buffer, start, end);
    if (!this.#keepsBody || this.#keptBytes >= bodyLimit) return;
    const piece = Buffer.from(buffer.subarray(start, Math.min(end, start + bodyLimit - this.#keptBytes)));
    this.#kept.push(piece);
    this.#keptBytes += piece.length;
  }
}

/** The header value that starts at `from`; `lower` is used to find where it ends. */
function value(lower: string, text: string, from: number): string {
  const end = lower.indexOf('\r\n', from);
  return text.slice(from, end === -1 ? undefined : end).trim();
}

/** The first group of the match, or all of it. */
export function patternName(pattern: RegExp, body: string): string | undefined {
  const match = pattern.exec(body);
  return match === null ? undefined : named(match[1] ?? match[0]);
}

function named(name: string): string | undefined {
  const trimmed = name.trim().slice(0, nameLimit);
  return trimmed === '' ? undefined : trimmed;
}

/** The chunks joined, as far as they came. RFC 9112, 7.1. */
function dechunked(raw: Buffer): Buffer {
  const chunks: Buffer[] = [];
  let at = 0;
  while (at < raw.length) {
    const line = raw.indexOf('\r\n', at);
    if (line === -1) break;
    const size = Number.parseInt(raw.toString('latin1', at, line), 16);
    if (!(size > 0)) break;
    chunks.push(raw.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
  return Buffer.concat(chunks);
}
