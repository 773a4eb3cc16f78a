/** HTML that cannot be broken out of: everything put into a template is escaped unless it was made by one. */
import { visible } from '../visible.ts';

/** Finished HTML. Only `html` and `trusted` make it. */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type Content = Markup | string | number | false | undefined | readonly Content[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Strings are escaped and their control characters spelled out, arrays joined, `false` and `undefined` left out. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const flat = flush(parts);
  let text = flat[0] ?? '';
  for (let index = 0; index < values.length; index++) text += rendered(values[index]) + (flat[index + 1] ?? '');
  return new Markup(text);
}

const flushed = new WeakMap<TemplateStringsArray, readonly string[]>();

/** Indentation is for readers of the source; the page does without. */
function flush(parts: TemplateStringsArray): readonly string[] {
  const known = flushed.get(parts);
  if (known !== undefined) return known;
  const flat = parts.map((part) => part.replace(/\s*\n\s*/g, '\n'));
  flushed.set(parts, flat);
  return flat;
}

/** Text of ours that is HTML, CSS or a script already. Never for anything out of a run. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

export const nothing = new Markup('');

function rendered(value: Content): string {
  if (value instanceof Markup) return value.toString();
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  if (value === undefined || value === false) return '';
  // Not joined: that would copy what is nested once for each level.
  let text = '';
  for (const part of value) text += rendered(part);
  return text;
}

function escaped(text: string): string {
  const shown = visible(text);
  return shown.search(/[&<>"']/) < 0
    ? shown
    : shown.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
