/**
 * keepalived.conf as one host reads it: files put in where they are included, lines of other hosts left out, variables
 * replaced (keepalived.conf(5), "Configuration parser"). Pure; what cannot be settled is told and left as it is written.
 */
import type { ConfLine } from '../model/facts.ts';
import type { ConfStatement } from './keepalived-conf.ts';
import { parseKeepalivedConf } from './keepalived-conf.ts';
import { ParseError } from './parse-error.ts';

export interface Line {
  readonly words: readonly string[];
  readonly at: ConfLine;
  readonly block?: readonly Line[];
}

export interface ConfSources {
  /** Path → text. */
  readonly files: ReadonlyMap<string, string>;
  /** The file that keepalived is given. */
  readonly main: string;
  /** Word of `@word` lines that are for this host (`--config-id`; the host name up to its first dot). */
  readonly configId: string;
  /** Shell patterns of which every file there is was read: a pattern inside them that meets no file includes nothing. */
  readonly readWhole: readonly string[];
  readonly unreadable: readonly string[];
}

export interface ReadConf {
  readonly lines: readonly Line[];
  /** In the order they were read. */
  readonly files: readonly string[];
  readonly unsure: readonly (ConfLine & { readonly what: string })[];
}

const deepestInclude = 8;
const mostFiles = 200;

/** Throws ParseError, with path and line, for braces or quotes that do not close. */
export function readConf(sources: ConfSources): ReadConf {
  const reading = new Reading(sources);
  return { lines: reading.file(sources.main, []), files: reading.files, unsure: reading.unsure };
}

class Reading {
  readonly files: string[] = [];
  readonly unsure: (ConfLine & { readonly what: string })[] = [];
  readonly #sources: ConfSources;
  readonly #values = new Map<string, string>();

  constructor(sources: ConfSources) {
    this.#sources = sources;
  }

  file(path: string, within: readonly string[]): readonly Line[] {
    const text = this.#sources.files.get(path);
    if (text === undefined) return [];
    if (!this.files.includes(path)) this.files.push(path);
    return this.#lines(path, parseKeepalivedConf(text, path).statements, [...within, path]);
  }

  #lines(path: string, statements: readonly ConfStatement[], within: readonly string[]): readonly Line[] {
    return statements.flatMap((statement): readonly Line[] => {
      const at = { path, line: statement.line };
      if (!this.#isOurs(statement.condition)) return [];
      const raw = statement.words.map(({ text }) => text);
      if (statement.definition) {
        this.#define(raw, at);
        return [];
      }
      const [generator = ''] = raw;
      if (/^~(SEQ|LST)/.test(generator)) {
        this.unsure.push({ ...at, what: `lines made by ${generator}` });
        return [];
      }
      const words = raw.map((word) => this.#replaced(word, at));
      const [first = ''] = words;
      if (/^include[rmwbac]*$/.test(first)) return this.#included(words[1] ?? '', at, within);
      const block = statement.block === undefined ? undefined : this.#lines(path, statement.block.statements, within);
      return [{ words, at, ...(block === undefined ? {} : { block }) }];
    });
  }

  /** `^name`: for all others. */
  #isOurs(condition: string | undefined): boolean {
    if (condition === undefined) return true;
    const { configId } = this.#sources;
    return condition.startsWith('^') ? condition.slice(1) !== configId : condition === configId;
  }

  #define([name = '', value = '']: readonly string[], at: ConfLine): void {
    // One of several lines makes statements of its own.
    if (/[\n{}]/.test(value)) this.unsure.push({ ...at, what: `${name}, which has lines of its own` });
    else this.#values.set(name.slice(1), value.trim().replace(/^"(.*)"$/, '$1'));
  }

  #replaced(word: string, at: ConfLine): string {
    return word.replaceAll(/\$(?:\{(\w+)\}|([A-Za-z_]\w*))/g, (whole, braced?: string, plain?: string) => {
      const value = this.#values.get(braced ?? plain ?? '');
      if (value === undefined) this.unsure.push({ ...at, what: whole });
      return value ?? whole;
    });
  }

  #included(pattern: string, at: ConfLine, within: readonly string[]): readonly Line[] {
    const wanted = pattern.startsWith('/')
      ? pattern
      : `${at.path.replace(/[^/]*$/, '')}${pattern.replace(/^(\.\/)+/, '')}`;
    const { files, unreadable, readWhole } = this.#sources;
    const found = [...files.keys()].filter((path) => meets(path, wanted)).toSorted();
    const loop = found.find((path) => within.includes(path));
    if (loop !== undefined || within.length > deepestInclude || this.files.length + found.length > mostFiles)
      throw new ParseError(
        `${at.path}, line ${at.line}`,
        loop === undefined ? `include ${pattern}: too many files` : `include ${pattern}: ${loop} includes itself`,
      );
    const closed = unreadable.filter((path) => meets(path, wanted) || meets(wanted, path));
    const whole = readWhole.some((each) => meets(wanted.replaceAll('*', 'x'), each));
    // Brackets and braces of glob(7) are not read here.
    if (/[[{]/.test(wanted) || closed.length > 0 || (found.length === 0 && !whole))
      this.unsure.push({ ...at, what: `include ${pattern}` });
    return found.flatMap((path) => this.file(path, within));
  }
}

/** glob(7) of one path, without its brackets. */
function meets(path: string, pattern: string): boolean {
  if (!/[*?]/.test(pattern)) return path === pattern;
  const source = pattern
    .split(/([*?])/)
    .map((part) => (part === '*' ? '[^/]*' : part === '?' ? '[^/]' : part.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${source.join('')}$`).test(path);
}
