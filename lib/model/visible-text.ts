/**
 * Text from elsewhere made safe to show. Whatever a terminal, a browser or an editor would obey instead of showing it is
 * spelled out: control characters of C0 and C1 (terminal escapes), format characters (bidirectional overrides, zero
 * width), separators of lines and paragraphs, lone surrogates.
 */

const obeyed = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** What most text is, told many times faster than `obeyed` is looked for. */
const harmless = /^[\t\n\x20-\x7E]*$/;

/** Caret notation for C0 and DEL, as cat -v has it, `<U+202E>` for the others. Newline and tab stay. */
export function visible(text: string): string {
  if (harmless.test(text)) return text;
  return text
    .replaceAll('\r\n', '\n')
    .replace(obeyed, (character) => (character === '\n' || character === '\t' ? character : spelled(character)));
}

/** As `visible`, on one line. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll('\n', ' ↵ ').replaceAll('\t', ' ');
}

/** One U+FFFD for each code unit that would be obeyed, so that what is under it still lines up. Tabs stay. */
export function masked(text: string): string {
  return text.replace(obeyed, (character) => (character === '\t' ? character : '\uFFFD'.repeat(character.length)));
}

function spelled(character: string): string {
  const code = character.codePointAt(0) ?? 0xfffd;
  if (code < 0x20) return `^${String.fromCodePoint(0x40 + code)}`;
  if (code === 0x7f) return '^?';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
