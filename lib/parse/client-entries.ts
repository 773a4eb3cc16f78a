/** What the program of lib/sampling/client-program.ts prints of one client. */
import type { ClientEntries, NamedEntry } from '../model/client-entries.ts';
import { ParseError } from './parse-error.ts';
import { parseTableEntries } from './table-entry.ts';

/**
 * Lines `e ROW ORIGIN` of entries and `t ROW ORIGIN` of templates, then `whole ROWS FOUND` or `part ROWS FOUND`. Undefined
 * for `absent`: the table cannot be read. Throws ParseError, also for output that was cut off.
 */
export function parseClientEntries(text: string): ClientEntries | undefined {
  const lines = text.trimEnd().split('\n');
  const last = lines.pop() ?? '';
  if (last === 'absent') return undefined;
  const [, extent, rows, found] = /^(whole|part) (\d+) (\d+)$/.exec(last) ?? [];
  if (extent === undefined) throw new ParseError('the connection table', last);
  const of = (kind: string) => lines.filter((line) => line.startsWith(`${kind} `)).map(namedEntry);
  return {
    extent: extent === 'whole' ? 'whole' : 'part',
    rows: Number(rows),
    entries: of('e'),
    found: Number(found),
    templates: of('t'),
  };
}

function namedEntry(line: string): NamedEntry {
  const [, ...words] = line.split(' ');
  const [entry] = parseTableEntries(words.join(' '));
  if (entry === undefined) throw new ParseError('the connection table', line);
  return { ...entry, key: words.slice(0, 5).join(' '), fromPeer: words.at(-1) === 'SYNC' };
}
