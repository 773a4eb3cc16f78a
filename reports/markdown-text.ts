/** Markdown of GitHub and GitLab in which nothing of a run becomes markup. */
import { brief } from './visible.ts';

export function list(items: readonly string[]): string {
  return items.map((item) => `- ${plain(item)}`).join('\n');
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const inert: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '@': '&#64;',
  '://': '&#58;//',
  'www.': 'www&#46;',
};

/** Text that stays text: markup, formulas and HTML escaped, mentions and bare links made inert. */
export function plain(text: string): string {
  return brief(text)
    .replace(
      /:\/\/|\bwww\.|[&<>@]|[\\`*[\]|~#!$^]|(?<!\w)_|_(?!\w)/gi,
      (found) => inert[found.toLowerCase()] ?? `\\${found}`,
    )
    .replace(/^(\d+)?([-+=.)])/, '$1\\$2');
}

/** A code span; one with a pipe or a backtick is HTML instead, which a table cell can hold. */
export function code(text: string): string {
  const line = brief(text, 300).trim();
  if (!/[`|\\<>&]/.test(line)) return line === '' ? '' : `\`${line}\``;
  const escaped = line.replace(/[&<>`|*_[\]\\~#!@:$^]/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<code>${escaped.replace(/\bwww\./gi, 'www&#46;')}</code>`;
}

/** A fenced block that its own content cannot close. */
export function fenced(text: string, language = ''): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
