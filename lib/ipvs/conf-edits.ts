/** Edits of a keepalived.conf by position: every byte outside of them stays. Pure. */
import type { ConfBlock, ConfStatement, KeepalivedConf } from '../parse/keepalived-conf.ts';

/** `text` in place of the bytes from `start` to `end`. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Of edits that insert at the same place the first one comes first. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = text;
  for (const edit of edits.toReversed().toSorted((a, b) => b.start - a.start))
    result = result.slice(0, edit.start) + edit.text + result.slice(edit.end);
  return result;
}

/** Gives the statement this value, in place of all that follows its keyword. */
export function valueEdit({ words }: ConfStatement, value: string): TextEdit {
  const [first, second] = words;
  const last = words.at(-1);
  if (first === undefined || second === undefined || last === undefined)
    return { start: first?.end ?? 0, end: first?.end ?? 0, text: ` ${value}` };
  return { start: second.start, end: last.end, text: value };
}

/** Puts a line first in the block. */
export function insertionEdit(text: string, block: ConfBlock, line: string): TextEdit {
  const at = block.open + 1;
  const rest = text.slice(at, lineEnd(text, at));
  const indent = innerIndent(text, block);
  if (/^[ \t\r]*([#!].*)?$/.test(rest) && lineEnd(text, at) < text.length)
    return { ...here(lineEnd(text, at) + 1), text: `${indent}${line}\n` };
  return { ...here(at), text: `\n${indent}${line}\n${indent}` };
}

/** Takes the statement out, with its lines when it has them for itself; a comment behind it goes with it. */
export function removalEdit(text: string, { start, end }: ConfStatement): TextEdit {
  const from = lineStart(text, start);
  const to = lineEnd(text, end);
  const alone = text.slice(from, start).trim() === '' && /^[ \t\r]*([#!].*)?$/.test(text.slice(end, to));
  return alone ? { start: from, end: Math.min(to + 1, text.length), text: '' } : { start, end, text: '' };
}

/** Puts lines behind a statement. */
export function lineAfterEdit(text: string, { start, end }: ConfStatement, lines: readonly string[]): TextEdit {
  const to = lineEnd(text, end);
  const indent = indentAt(text, start);
  const block = lines.map((line) => `${indent}${line}\n`).join('');
  if (/^[ \t\r]*([#!].*)?$/.test(text.slice(end, to)) && to < text.length) return { ...here(to + 1), text: block };
  return { ...here(end), text: `\n${block}${indentAt(text, lineStart(text, start))}` };
}

/** Of the statements in the block. */
export function innerIndent(text: string, block: ConfBlock): string {
  const own = block.statements.find(({ start }) => text.slice(lineStart(text, start), start).trim() === '');
  return own === undefined ? `${indentAt(text, block.open)}    ` : indentAt(text, own.start);
}

/** What one level of depth is indented by in this file. */
export function indentUnit({ text, statements }: KeepalivedConf): string {
  for (const { start, block } of statements) {
    if (block === undefined) continue;
    const outer = indentAt(text, start);
    const inner = innerIndent(text, block);
    if (inner.startsWith(outer) && inner.length > outer.length) return inner.slice(outer.length);
  }
  return '    ';
}

function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset)))?.[0] ?? '';
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Offset of the newline, or of the end. */
function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end;
}

function here(at: number): { readonly start: number; readonly end: number } {
  return { start: at, end: at };
}
