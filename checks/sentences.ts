/** Words for reasons. */

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  if (items.length <= 1) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1] ?? ''}`;
}

/** `1 request`, `2 requests`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** Milliseconds as an operator says them: `350 ms`, `12.5 s`. */
export function spoken(ms: number): string {
  const size = Math.abs(ms);
  return size < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(size < 10_000 ? 2 : 1)} s`;
}
