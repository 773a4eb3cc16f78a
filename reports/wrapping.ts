/** Text on a terminal: columns it takes, and lines it is broken into. */

/** Characters that take two columns, and between which a line may end: Han, kana, Hangul, and their punctuation. */
const wide =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]/u;
/** Never at the beginning of a line. */
const closing = /^[，。；：、！？）」』】》…—]/u;

export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += wide.test(character) ? 2 : 1;
  return columns;
}

/** Lines of at most `width` columns, unless a single word is longer. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const { piece, gap } of pieces(text)) {
    const joined = line === '' ? piece : `${line}${gap}${piece}`;
    if (line !== '' && columnsOf(joined) > width) {
      lines.push(line);
      line = piece;
    } else {
      line = joined;
    }
  }
  return [...lines, line];
}

/** Words, and wide characters each by itself with the punctuation that must follow them. */
function pieces(text: string): readonly { readonly piece: string; readonly gap: string }[] {
  return text.split(/ +/).flatMap((word, index) => {
    const parts: { piece: string; gap: string }[] = [];
    let before = '';
    for (const character of word) {
      const last = parts.at(-1);
      const breaks = before === '' || ((wide.test(before) || wide.test(character)) && !closing.test(character));
      if (last === undefined || breaks) {
        parts.push({ piece: character, gap: parts.length === 0 && index > 0 ? ' ' : '' });
      } else {
        last.piece += character;
      }
      before = character;
    }
    return parts.length === 0 ? [{ piece: '', gap: index > 0 ? ' ' : '' }] : parts;
  });
}
