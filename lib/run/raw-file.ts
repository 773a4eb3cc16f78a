/** raw.ndjson of a run: written beside the journal, bounded, secrets taken out. A run does not depend on it. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { wordings } from '../facts/answers.ts';
import type { Cluster } from '../model/cluster.ts';
import { jsonText } from '../model/json-text.ts';
import { redactor } from '../redaction.ts';
import { ownWords } from './own-words.ts';
import { rawFormat, type RawLine } from './raw-lines.ts';
import type { Selection } from './selection.ts';

export const rawFileName = 'raw.ndjson';

/** A host that prints as much as is ever kept of it fills 64 MiB; an ordinary one takes 100 KiB. */
export const mostRawBytes = 64 << 20;

export interface RawFileOptions extends Selection {
  readonly cluster: Pick<Cluster, 'declared'>;
  readonly version: string;
  readonly failOn: 'fail' | 'warn';
}

export class RawFile {
  readonly #mostBytes: number;
  #descriptor: number | undefined;
  #bytes = 0;

  /** The folder is there. What cannot be written is not kept: the journal, on the same disk, tells of that. */
  constructor(directory: string, options: RawFileOptions, mostBytes = mostRawBytes) {
    this.#mostBytes = mostBytes;
    try {
      this.#descriptor = openSync(join(directory, rawFileName), 'ax', 0o600);
    } catch {
      return;
    }
    const { cluster, version, failOn, allow, stages, rulesAsFound, checks, skip, services, limit } = options;
    this.append({
      type: 'asked',
      format: rawFormat,
      version,
      ...(cluster.declared === undefined ? {} : { declared: cluster.declared }),
      today: new Date().toISOString().slice(0, 10),
      selection: {
        allow,
        stages,
        ...(rulesAsFound === undefined ? {} : { rulesAsFound }),
        ...(checks === undefined ? {} : { checks }),
        ...(skip === undefined ? {} : { skip }),
        ...(services === undefined ? {} : { services }),
        ...(limit === undefined ? {} : { limit }),
      },
      failOn,
      wordings: wordings(),
    });
  }

  append(line: RawLine): void {
    if (this.#descriptor === undefined) return;
    const text = `${jsonText({ ...redactor.value(line, { spare: ownWords }), type: line.type })}\n`;
    const bytes = Buffer.from(text);
    if (this.#bytes + bytes.length > this.#mostBytes) {
      this.#write(Buffer.from(`${jsonText({ type: 'left-out', what: whatOf(line), bytes: bytes.length })}\n`));
      return;
    }
    this.#write(bytes);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #write(bytes: Buffer): void {
    if (this.#descriptor === undefined) return;
    this.#bytes += bytes.length;
    try {
      for (let written = 0; written < bytes.length;) written += writeSync(this.#descriptor, bytes, written);
    } catch {
      this.close();
    }
  }
}

function whatOf(line: RawLine): string {
  switch (line.type) {
    case 'answers':
      return `answers of ${line.answers.host} (${line.stage})`;
    case 'command-answer':
      return `the answer of ${line.host} to ${line.check}`;
    case 'observed':
      return `the load on ${line.service}`;
    default:
      return line.type;
  }
}
