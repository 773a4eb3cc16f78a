/** Everything a run quotes came from other machines: made visible, and bounded in length. */
import { visible, visibleLine } from '../lib/model/visible-text.ts';

export { visible, visibleLine };

export interface Cap {
  readonly lines: number;
  readonly lineLength: number;
}

/** Enough of an output to read; the whole of it stays in run.json. */
export const outputCap: Cap = { lines: 200, lineLength: 500 };

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
