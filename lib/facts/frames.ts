/**
 * Takes the script's output apart again. The script writes a marker line, with a word that no other output can hold,
 * before and after each section on both streams; banners, profiles and motd fall outside every section.
 */
import { StringDecoder } from 'node:string_decoder';

export interface Frame {
  readonly name: string;
  readonly text: string;
  /** Whether the text was longer than the cap. */
  readonly cut: boolean;
  /** Undefined while the closing marker has not come. */
  readonly exitCode: number | undefined;
  readonly durationMs: number;
  /** Uptime of the host in s at its opening marker, in steps of 10 ms. */
  readonly openedAtS: number;
  /** performance.now() when the section's closing marker had arrived. */
  readonly closedAtMs: number;
}

interface OpenFrame {
  readonly name: string;
  readonly openedAtS: number;
  text: string;
  cut: boolean;
}

/** Reads one stream as it arrives. */
export class FrameReader {
  readonly #nonce: string;
  readonly #maxChars: number;
  readonly #decoder = new StringDecoder('utf8');
  readonly #frames: Frame[] = [];
  #open: OpenFrame | undefined;
  /** Of a line whose end has not come. */
  #rest = '';

  /** `maxChars`: what is kept of one section. */
  constructor(nonce: string, maxChars: number) {
    this.#nonce = nonce;
    this.#maxChars = maxChars;
  }

  push(piece: Buffer | string, atMs: number): void {
    const text = this.#rest + (typeof piece === 'string' ? piece : this.#decoder.write(piece));
    const end = text.lastIndexOf('\n') + 1;
    let from = 0;
    for (let at = this.#markerIn(text, from); at !== -1 && at < end; at = this.#markerIn(text, from)) {
      this.#keep(text.slice(from, at));
      from = text.indexOf('\n', at) + 1;
      this.#mark(text.slice(at, from - 1), atMs);
    }
    this.#keep(text.slice(from, end));
    this.#rest = text.slice(end);
    // A line without an end is no marker once it is longer than any marker.
    if (this.#rest.length > this.#maxChars) {
      this.#keep(this.#rest);
      this.#rest = '';
    }
  }

  /** Every section seen, in order; the last may lack its end. */
  frames(): readonly Frame[] {
    if (this.#open === undefined) return this.#frames;
    return [...this.#frames, this.#close(this.#open, undefined, this.#open.openedAtS, 0)];
  }

  /** Where the first line that begins with the nonce does, or -1. */
  #markerIn(text: string, from: number): number {
    let at = text.indexOf(`${this.#nonce} `, from);
    while (at > from && text[at - 1] !== '\n') at = text.indexOf(`${this.#nonce} `, at + 1);
    return at;
  }

  #mark(line: string, atMs: number): void {
    const [, uptime, kind, name, exitCode] = line.split(' ');
    const uptimeS = Number(uptime);
    if (this.#open !== undefined) {
      const mine = kind === 'e' && name === this.#open.name;
      this.#frames.push(this.#close(this.#open, mine ? Number(exitCode) : undefined, uptimeS, atMs));
      this.#open = undefined;
    }
    if (kind === 'b' && name !== undefined) this.#open = { name, openedAtS: uptimeS, text: '', cut: false };
  }

  #keep(text: string): void {
    if (this.#open === undefined) return;
    const room = this.#maxChars - this.#open.text.length;
    if (text.length > room) this.#open.cut = true;
    if (room > 0) this.#open.text += text.slice(0, room);
  }

  #close(open: OpenFrame, exitCode: number | undefined, uptimeS: number, atMs: number): Frame {
    const durationMs = Math.round((uptimeS - open.openedAtS) * 1000);
    return {
      name: open.name,
      // The marker brought a newline of its own, in case the output did not end with one.
      text: open.cut ? open.text : open.text.replace(/\n$/, ''),
      cut: open.cut,
      exitCode,
      durationMs: Number.isFinite(durationMs) ? durationMs : 0,
      openedAtS: open.openedAtS,
      closedAtMs: atMs,
    };
  }
}
