/** Results on disk, a line of JSON for each, so that a matrix of hours can be made in several parts. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

import { type MatrixCase, nameOf } from './cases.ts';
import type { Result } from './results.ts';

/** Those of these cases that were tried; the last word of each counts. One whose lab broke was not tried. Throws SyntaxError for other text. */
export function storedResults(file: string, cases: readonly MatrixCase[]): readonly Result[] {
  const byName = new Map(cases.map((one) => [nameOf(one), one]));
  const found = new Map<string, Result>();
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  for (const line of lines.filter((text) => text !== '')) {
    const { name, seconds, score } = JSON.parse(line) as Stored;
    const of = byName.get(name);
    if (of !== undefined && score !== undefined) found.set(name, { of, seconds, score });
  }
  return [...found.values()];
}

export function storeResult(file: string, result: Result): void {
  const { of, ...rest } = result;
  appendFileSync(file, `${JSON.stringify({ name: nameOf(of), ...rest })}\n`);
}

interface Stored {
  readonly name: string;
  readonly seconds: number;
  readonly score?: Extract<Result, { readonly score: unknown }>['score'];
}
