/**
 * keepalived.conf as a tree of statements that know where they are in the text (keepalived.conf(5); read_line and
 * decomment in keepalived's lib/parser.c). Nothing is judged here: words that are not known are kept, and an edit made
 * by position leaves every other byte as it is.
 *
 * Also there, and kept as statements: includes, definitions (`$NAME=value`), lines for some directors only (`@name …`),
 * lines made by `~SEQ` and `~LST`.
 */
import { ParseError } from './parse-error.ts';

/** A word as keepalived sees it: without quotes and escapes. Positions are offsets in the text, quotes included. */
export interface ConfWord {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface ConfStatement {
  /** At least one, unless the block has no name. */
  readonly words: readonly ConfWord[];
  /** Line of its first word, from 1. */
  readonly line: number;
  readonly start: number;
  /** After its last word, or after the closing brace of its block. */
  readonly end: number;
  readonly block?: ConfBlock;
  /** `name` or `^name` of `@name …`: the line is for the directors of that config-id only, or for all others. */
  readonly condition?: string;
  /** `$NAME=value`: the words are the name and the raw value. */
  readonly definition: boolean;
}

export interface ConfBlock {
  /** Offsets of the braces. */
  readonly open: number;
  readonly close: number;
  readonly statements: readonly ConfStatement[];
}

export interface KeepalivedConf {
  readonly text: string;
  readonly statements: readonly ConfStatement[];
}

type Draft = { -readonly [Key in keyof ConfStatement]: ConfStatement[Key] };
interface OpenBlock {
  readonly statements: Draft[];
  /** Absent for the file itself. */
  readonly owner?: Draft;
  readonly open: number;
  readonly line: number;
}

/** Throws ParseError, with the line, for braces or quotes that do not close. `path` is for its message. */
export function parseKeepalivedConf(text: string, path = 'keepalived.conf'): KeepalivedConf {
  const top: OpenBlock = { statements: [], open: -1, line: 1 };
  const open: OpenBlock[] = [top];
  let line = 1;
  let current: Draft | undefined;
  /** A statement whose block may still open on a later line. */
  let last: Draft | undefined;
  let at = 0;
  const inner = () => open.at(-1) ?? top;
  const broken = (where: number, what: string) => new ParseError(`${path}, line ${where}`, what);
  const ended = () => {
    last = current ?? last;
    current = undefined;
  };

  while (at < text.length) {
    const char = text[at] ?? '';
    if (char === '\n') {
      line += 1;
      at += 1;
      ended();
    } else if (char === ' ' || char === '\t' || char === '\r') at += 1;
    else if (char === '#' || char === '!') at = endOfLine(text, at);
    else if (char === '\\' && /^\\[ \t]*\r?\n/.test(text.slice(at, at + 80))) {
      at = endOfLine(text, at) + 1;
      line += 1;
    } else if (char === '{') {
      ended();
      const owner = last === undefined || last.block !== undefined ? started(inner(), at, line) : last;
      open.push({ statements: [], owner, open: at, line });
      last = undefined;
      at += 1;
    } else if (char === '}') {
      ended();
      const { owner, open: opened, statements } = inner();
      if (owner === undefined) throw broken(line, lineAt(text, at));
      open.pop();
      at += 1;
      owner.block = { open: opened, close: at - 1, statements };
      owner.end = at;
      last = undefined;
    } else {
      const first = current === undefined;
      current ??= started(inner(), at, line);
      const definition = first ? /^\$[A-Za-z_]\w*[ \t]*=/.exec(text.slice(at, endOfLine(text, at))) : null;
      if (definition !== null) {
        const end = endOfDefinition(text, at);
        const name = wordOf(definition[0].replace(/[ \t]*=$/, ''), at);
        const value = at + definition[0].length;
        Object.assign(current, { words: [name, wordOf(text.slice(value, end), value)], end, definition: true });
        line += text.slice(at, end).split('\n').length - 1;
        at = end;
        current = undefined;
        last = undefined;
        continue;
      }
      const word = readWord(text, at);
      if (word === undefined) throw broken(line, lineAt(text, at));
      const condition = first && word.text.startsWith('@') ? word.text.slice(1) : undefined;
      if (condition === undefined) current.words = [...current.words, word];
      else current.condition = condition;
      current.end = word.end;
      at = word.end;
    }
  }
  const unclosed = inner();
  if (unclosed !== top) throw broken(unclosed.line, lineAt(text, unclosed.open));
  return { text, statements: top.statements };
}

function started(block: OpenBlock, at: number, line: number): Draft {
  const statement: Draft = { words: [], line, start: at, end: at, definition: false };
  block.statements.push(statement);
  return statement;
}

/** Undefined when a quote is not closed on its line. */
function readWord(text: string, start: number): ConfWord | undefined {
  let at = start;
  let word = '';
  for (; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '"') {
      const close = closingQuote(text, at);
      if (close === undefined) return undefined;
      word += text.slice(at + 1, close);
      at = close;
    } else if (char === '\\') {
      const next = text[at + 1] ?? '';
      if (/^\\[ \t]*\r?\n/.test(text.slice(at, at + 80))) break;
      word += next === '#' || next === '!' ? next : char + next;
      at += 1;
    } else if (char === '$' && text[at + 1] === '{') {
      const close = text.indexOf('}', at);
      const end = close === -1 || close > endOfLine(text, at) ? at + 1 : close;
      word += text.slice(at, end + 1);
      at = end;
    } else if (/[\s{}#!]/.test(char)) break;
    else word += char;
  }
  return { text: word, start, end: Math.min(at, text.length) };
}

function closingQuote(text: string, open: number): number | undefined {
  for (let at = open + 1; at < text.length && text[at] !== '\n'; at += 1) {
    if (text[at] === '\\' && text[at + 1] !== '\n') at += 1;
    else if (text[at] === '"') return at;
  }
  return undefined;
}

/** A definition goes on behind each line that ends in a backslash; braces in it are not blocks. */
function endOfDefinition(text: string, start: number): number {
  let end = endOfLine(text, start);
  while (/\\[ \t\r]*$/.test(text.slice(start, end)) && end < text.length) end = endOfLine(text, end + 1);
  return end;
}

function wordOf(text: string, start: number): ConfWord {
  return { text, start, end: start + text.length };
}

/** Offset of the line's newline, or of the end of the text. */
function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

function lineAt(text: string, at: number): string {
  return text.slice(text.lastIndexOf('\n', at - 1) + 1, endOfLine(text, at)).trim();
}
