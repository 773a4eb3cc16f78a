/**
 * Everything a run quotes came from other machines. Here it becomes text that is safe to show: control and format
 * characters (terminal escapes, bidirectional overrides) are spelled out instead of obeyed, and length is bounded.
 */

export interface Cap {
  readonly lines: number;
  readonly lineLength: number;
}

/** Enough of an output to read; the whole of it stays in run.json. */
export const outputCap: Cap = { lines: 200, lineLength: 500 };

/** Caret notation for C0 and DEL, as cat -v has it, `<U+202E>` for the others. Newline and tab stay. */
export function visible(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
      character === '\n' || character === '\t' ? character : spelled(character),
    );
}

/** As `visible`, on one line. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll('\n', ' ↵ ').replaceAll('\t', ' ');
}

function spelled(character: string): string {
  const code = character.codePointAt(0) ?? 0xfffd;
  if (code < 0x20) return `^${String.fromCodePoint(0x40 + code)}`;
  if (code === 0x7f) return '^?';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

/** The start of a long text, safe to show, and a note of what was left out. */
export function capped(text: string, cap: Cap = outputCap): { readonly text: string; readonly note?: string } {
  const lines = text.replace(/\n$/, '').split('\n');
  const kept = lines.slice(0, cap.lines);
  const long = kept.filter((line) => line.length > cap.lineLength).length;
  const notes = [
    ...(long === 0 ? [] : [`${long === 1 ? '1 line' : `${long} lines`} cut at ${cap.lineLength} characters`]),
    ...(lines.length > kept.length ? [`${lines.length - kept.length} more lines not shown`] : []),
  ];
  const shown = visible(
    kept.map((line) => (line.length > cap.lineLength ? `${line.slice(0, cap.lineLength)}…` : line)).join('\n'),
  );
  return notes.length === 0
    ? { text: shown }
    : { text: shown, note: `${notes.join(', ')}; the whole of it is in run.json` };
}

/** A sentence or a name of bounded length, on one line. */
export function brief(text: string, length = 500): string {
  return visibleLine(text.length > length ? `${text.slice(0, length)}…` : text);
}

/** A JSON value for reading: strings as they are, everything else as JSON. */
export function valueText(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
