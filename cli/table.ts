import { visibleLine } from '../lib/model/visible-text.ts';

/**
 * Columns as wide as their widest cell; a row may have fewer cells than there are columns, its last cell is not padded.
 * Cells may come from anywhere: they are made visible here.
 */
export function table(head: readonly string[], cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map(visibleLine));
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.filter((row) => row.length === head.length).map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ');
  return [head, ...rows].map((row) => `${line(row)}\n`).join('');
}
