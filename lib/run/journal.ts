/**
 * Append-only journal of a run. Each line is on its way to the disk before the call returns. Everything a run writes or
 * tells comes from here, so this is where secrets are taken out: of the file and of what is in memory alike.
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { IpvetError } from '../errors.ts';
import { jsonText } from '../model/json-text.ts';
import { redactor } from '../redaction.ts';
import type { RunEvent, RunEventBody } from './events.ts';
import { ownWords } from './own-words.ts';
import { makeRunFolder } from './run-folder.ts';

export type Listener = (event: RunEvent) => void;

export class Journal {
  readonly directory: string;
  readonly file: string;
  readonly #events: RunEvent[] = [];
  readonly #listeners: Listener[] = [];
  #descriptor: number | undefined;
  #failure: IpvetError | undefined;

  /** Makes the run folder and the journal in it. Throws STORAGE: the path, and why it cannot be written. */
  constructor(directory: string, file?: string) {
    this.directory = directory;
    this.file = file ?? join(directory, 'events.ndjson');
    try {
      makeRunFolder(directory);
      // Exclusive: neither a file that is there nor a link laid in its place is written into.
      this.#descriptor = openSync(this.file, file === undefined ? 'ax' : 'a', 0o600);
    } catch (error) {
      throw error instanceof IpvetError ? error : storageError(this.file, error);
    }
  }

  get events(): readonly RunEvent[] {
    return this.#events;
  }

  /** Set once a line could not be written; the run goes on in memory only as far as it takes to restore the hosts. */
  get failure(): IpvetError | undefined {
    return this.#failure;
  }

  onEvent(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** Progress is for listeners only: it is told, not kept. */
  append(body: RunEventBody): void {
    // The type is a word of ours, whatever else it may be the same as.
    const event = {
      at: new Date().toISOString(),
      ...redactor.value(body, { spare: ownWords }),
      type: body.type,
    } as RunEvent;
    if (event.type !== 'load-progress') {
      this.#events.push(event);
      this.#write(`${jsonText(event)}\n`);
    }
    for (const listener of this.#listeners) listener(event);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #write(line: string): void {
    if (this.#descriptor === undefined || this.#failure !== undefined) return;
    try {
      const bytes = Buffer.from(line);
      for (let written = 0; written < bytes.length;) written += writeSync(this.#descriptor, bytes, written);
    } catch (error) {
      this.#failure = storageError(this.file, error);
    }
  }
}

/** The events of a stored journal; a last line cut off by a crash is left out. Throws STORAGE or CONFIG. */
export function readJournal(file: string): readonly RunEvent[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw storageError(file, error);
  }
  return journalLines(text, file) as readonly RunEvent[];
}

/** Of text that was read from `file`. Throws CONFIG. */
export function journalLines(text: string, file: string): readonly unknown[] {
  const lines = text.split('\n');
  const complete = lines.slice(0, -1);
  return complete.map((line, index) => {
    try {
      return JSON.parse(line) as unknown;
    } catch (error) {
      throw new IpvetError('CONFIG', `${file}:${index + 1}: not a journal line`, {
        hint: 'give the folder of a run, with its files unchanged',
        cause: error,
      });
    }
  });
}

/** STORAGE: what cannot be written, why, and what to do. */
export function storageError(file: string, error: unknown): IpvetError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const hint =
    code === 'ENOSPC'
      ? 'free space on that disk, or give another folder with --out'
      : 'give a folder that can be written with --out';
  return new IpvetError(
    'STORAGE',
    `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    {
      hint,
      cause: error,
    },
  );
}
