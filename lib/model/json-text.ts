/**
 * The same characters as visible-text.ts spells out, and U+2028 and U+2029, which JSON allows and JavaScript ends a line
 * at. `##[` is a command to a runner of GitHub Actions anywhere in a line.
 */
const obeyed = /[\u007F-\u009F\p{Cf}\p{Zl}\p{Zp}]|#(?=#\[)/gu;

/**
 * JSON that says the same to a program and cannot drive what it is shown on: JSON.stringify escapes C0 and lone
 * surrogates alone. `indent` is the number of spaces; 0 is one line.
 */
export function jsonText(value: unknown, indent = 0): string {
  // undefined, functions and symbols have no JSON.
  const text = JSON.stringify(value, undefined, indent) as string | undefined;
  return (text ?? 'null').replace(obeyed, (character) =>
    Array.from({ length: character.length }, (_, index) => escaped(character.charCodeAt(index))).join(''),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
