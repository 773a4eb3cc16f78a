/** `--events`: the journal's events as they happen, for programs that follow a run. One JSON object a line. */
import { closeSync, openSync, writeSync } from 'node:fs';

import type { Listener } from '../lib/run/journal.ts';
import { storageError } from '../lib/run/journal.ts';
import { jsonText } from '../lib/model/json-text.ts';

export interface EventStream {
  readonly listener: Listener;
  close(): void;
}

/** `-` is standard output. Throws STORAGE when the file cannot be made; one that fails later ends the stream, not the run. */
export function openEvents(file: string | undefined): EventStream {
  if (file === undefined) return { listener: () => undefined, close: () => undefined };
  if (file === '-') return { listener: (event) => process.stdout.write(lineOf(event)), close: () => undefined };
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'w', 0o600);
  } catch (error) {
    throw storageError(file, error);
  }
  const close = () => {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  };
  return {
    listener: (event) => {
      if (descriptor === undefined) return;
      try {
        writeSync(descriptor, lineOf(event));
      } catch (error) {
        close();
        process.stderr.write(`${storageError(file, error).message}; no more events go there\n`);
      }
    },
    close,
  };
}

const lineOf = (event: Parameters<Listener>[0]): string => `${jsonText(event)}\n`;
