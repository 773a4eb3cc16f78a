/** A cluster file's text as YAML, with the way back from a path in the value to a place in the text. */
import {
  CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import type { ConfigProblem } from './problem.ts';

/** Keys and indices from the top of the document. */
export type Path = readonly string[];
/** What to underline: the key of the last segment, its value, or the text of the whole file's first line. */
export type Place = 'key' | 'value';

export interface Source {
  /** Plain value of the document; undefined when the text cannot be read as YAML at all. */
  readonly value: unknown;
  /** Syntax problems. When one of them is fatal, `value` is undefined. */
  readonly problems: readonly ConfigProblem[];
  problem(path: Path, place: Place, message: string, hint?: string): ConfigProblem;
}

/** JSON is read as YAML, which it is a part of. Never throws. */
export function parseSource(text: string, file: string): Source {
  const yaml = withoutTabs(text.startsWith('\ufeff') ? text.slice(1) : text);
  const lines = linesOf(yaml);
  const at = (from: number, to: number, message: string, hint?: string): ConfigProblem => ({
    file,
    ...lines.locate(from, to),
    message,
    ...(hint === undefined ? {} : { hint }),
  });
  const unusable = (problems: readonly ConfigProblem[]): Source => ({
    value: undefined,
    problems,
    problem: (_path, _place, message, hint) => at(0, 0, message, hint),
  });

  const control = /[\u0000-\u0008\u000e-\u001f\ufffd]/.exec(yaml); // eslint-disable-line no-control-regex -- what is looked for
  if (control !== null)
    return unusable([at(control.index, control.index + 1, 'this is not a text file', 'save it as UTF-8 text')]);
  const deep = tooDeep(yaml);
  if (deep !== undefined) return unusable([at(deep, deep + 1, 'this is nested too deeply')]);
  try {
    const document = parseDocument(yaml, { merge: true, prettyErrors: false, logLevel: 'error', uniqueKeys: false });
    const problems = [...document.errors, ...document.warnings].map(({ code, message, pos: [from, to] }) => {
      const words = plainWords[code];
      return at(from, to, words?.message ?? lowerFirst(message), words?.hint);
    });
    if (document.errors.length > 0) return unusable(problems);
    for (const [from, to] of duplicateKeys(document))
      problems.push(at(from, to, 'this key is there twice', 'keep one of the two; lists of things start with `- `'));
    return {
      value: document.toJS({ maxAliasCount: 1000 }) as unknown,
      problems,
      problem(path, place, message, hint) {
        const [from, to] = rangeOf(document, path, place);
        return at(from, to, message, hint);
      },
    };
  } catch (error) {
    // toJS throws on aliases that multiply.
    return unusable([at(0, 0, `the file cannot be read as YAML: ${messageOf(error)}`)]);
  }
}

const plainWords: Readonly<Record<string, { readonly message: string; readonly hint?: string }>> = {
  TAB_AS_INDENT: { message: 'a tab in the indentation', hint: 'YAML is indented with spaces only' },
  MULTIPLE_DOCS: { message: 'a second document starts here', hint: 'one cluster a file; remove the `---`' },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a second `key: value` on the same line',
    hint: 'start a new line, or quote a value that contains `: `',
  },
  TAG_RESOLVE_FAILED: {
    message: 'a tag that a cluster file does not have',
    hint: 'remove the word that starts with `!`',
  },
};

/** A tab is white space in JSON and not in YAML; where the text is JSON each becomes one space, so columns stay. */
function withoutTabs(text: string): string {
  if (!text.includes('\t') || !/^\s*[{[]/.test(text)) return text;
  try {
    JSON.parse(text);
    return text.replaceAll('\t', ' ');
  } catch {
    return text; // not JSON: YAML will say where
  }
}

/** What the lexer puts between the pieces of the text: start of a document, of a scalar, end of broken brackets. */
const marks: ReadonlySet<string> = new Set(['\u0002', '\u001f', '\u0018']);

/** Deepest nesting of brackets, of dashes on one line, and widest indentation. A cluster file needs 5, 1 and 12. */
const DEEPEST = { brackets: 50, dashes: 10, indent: 200 };

/**
 * Where the text nests deeper than that. The parser is recursive, and a stack that is nearly full is not always an
 * exception: Node has ended with "RegExpCompiler Allocation failed" on 2,000 brackets.
 */
function tooDeep(text: string): number | undefined {
  let brackets = 0;
  let dashes = 0;
  let offset = 0;
  let lineStart = true;
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token);
    if (type === 'flow-seq-start' || type === 'flow-map-start') brackets += 1;
    else if (type === 'flow-seq-end' || type === 'flow-map-end') brackets = Math.max(0, brackets - 1);
    else if (type === 'seq-item-ind' || type === 'explicit-key-ind') dashes += 1;
    else if (type === 'newline') dashes = 0;
    const indented = lineStart && type === 'space' && token.length > DEEPEST.indent;
    if (brackets > DEEPEST.brackets || dashes > DEEPEST.dashes || indented) return offset;
    lineStart = type === 'newline';
    if (!marks.has(token)) offset += token.length;
  }
  return undefined;
}

function linesOf(text: string) {
  const starts = [0];
  for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1)) starts.push(index + 1);
  return {
    /** Line, column and length of the span; clamped to the text, and cut at the end of its first line. */
    locate(from: number, to: number) {
      const offset = Math.max(0, Math.min(from, text.length));
      let low = 0;
      for (let high = starts.length - 1; low < high;) {
        const middle = Math.ceil((low + high) / 2);
        if ((starts[middle] ?? 0) <= offset) low = middle;
        else high = middle - 1;
      }
      const start = starts[low] ?? 0;
      const sourceLine = text.slice(start, starts[low + 1] ?? text.length).replace(/\r?\n?$/, '');
      const column = Math.min(offset - start, sourceLine.length) + 1;
      const end = Math.min(to - start, sourceLine.trimEnd().length);
      return { line: low + 1, column, length: Math.max(1, end - column + 1), sourceLine };
    },
  };
}

type Span = readonly [from: number, to: number];

/** Where `path` is in the text: as far down as the document goes. */
function rangeOf(document: Document, path: Path, place: Place): Span {
  let span: Span = spanOf(document.contents) ?? [0, 0];
  let node: unknown = document.contents;
  for (const [depth, segment] of path.entries()) {
    const last = depth === path.length - 1;
    const parent = resolved(node, document);
    if (isMap(parent)) {
      const pair = findPair(parent, segment, document);
      if (pair === undefined) return span;
      node = pair.value;
      const keySpan = spanOf(pair.key);
      span = (last && place === 'key' ? keySpan : nonEmpty(spanOf(node))) ?? keySpan ?? span;
    } else if (isSeq(parent)) {
      node = parent.items[Number(segment)];
      span = nonEmpty(spanOf(node)) ?? span;
    } else return span;
  }
  return span;
}

/** The parser can tell them itself, in a time that grows with the square of the number of keys. */
function duplicateKeys(document: Document): readonly Span[] {
  const spans: Span[] = [];
  visit(document, {
    Map(_key, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const text = isScalar(key) ? keyText(key.value) : undefined;
        if (text !== undefined && seen.has(text)) spans.push(spanOf(key) ?? [0, 0]);
        if (text !== undefined) seen.add(text);
      }
    },
  });
  return spans;
}

/** The pair that toJS takes the value from: the last one with the key, else one merged in with `<<`. */
function findPair(map: YAMLMap, key: string, document: Document, depth = 0): Pair | undefined {
  const own = map.items.findLast((pair) => isScalar(pair.key) && keyText(pair.key.value) === key);
  if (own !== undefined || depth > 8) return own;
  const merged = map.items
    .filter((pair) => isScalar(pair.key) && (pair.key.value === '<<' || typeof pair.key.value === 'symbol'))
    .flatMap((pair) => {
      const value = resolved(pair.value, document);
      return isSeq(value) ? value.items.map((item) => resolved(item, document)) : [value];
    });
  for (const source of merged) {
    const pair = isMap(source) ? findPair(source, key, document, depth + 1) : undefined;
    if (pair !== undefined) return pair;
  }
  return undefined;
}

/** As toJS names it. */
function keyText(key: unknown): string | undefined {
  if (key === null) return '';
  return typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean' ? String(key) : undefined;
}

function resolved(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function spanOf(node: unknown): Span | undefined {
  const range = (node as Partial<Node> | null | undefined)?.range;
  return range === undefined || range === null ? undefined : [range[0], range[1]];
}

/** An absent value (`key:` with nothing after it) has an empty range somewhere behind; its key is the better place. */
function nonEmpty(span: Span | undefined): Span | undefined {
  return span !== undefined && span[1] > span[0] ? span : undefined;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? lowerFirst(error.message) : String(error);
}
