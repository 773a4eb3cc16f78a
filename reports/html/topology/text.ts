/** Text that has to fit a width: SVG neither wraps nor clips. */
import { visibleLine } from '../../visible.ts';

/** Width of a character of proportional text, in ems: an upper bound for what people name hosts with. */
function ems(character: string): number {
  if (
    /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\u{1F000}-\u{1FAFF}]/u.test(
      character,
    )
  )
    return 1;
  if (/[mMW@%—…]/.test(character)) return 1.12;
  if (character === 'w') return 0.95;
  if (/[A-Z_~+=<>#]/.test(character)) return 0.84;
  return /[fijlrtI.,:;'|!()[\]/ ]/.test(character) ? 0.42 : 0.7;
}

export function widthOf(text: string, size: number): number {
  let sum = 0;
  for (const character of text) sum += ems(character);
  return sum * size;
}

/** The text, or its beginning and its end with an ellipsis between: names of hosts often differ in both. */
export function fitted(text: string, room: number, size: number): string {
  const line = visibleLine(text.slice(0, 400));
  if (widthOf(line, size) <= room) return line;
  const characters = Array.from(line);
  let [head, tail] = [Math.ceil(characters.length * 0.6), Math.floor(characters.length * 0.4)];
  const shown = () => `${characters.slice(0, head).join('')}…${characters.slice(characters.length - tail).join('')}`;
  while (head + tail > 2 && widthOf(shown(), size) > room) {
    if (head > tail * 1.5) head -= 1;
    else tail -= 1;
  }
  return shown();
}
