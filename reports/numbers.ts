/** Numbers as people read them, in any language. A figure that is not finite is a dash, never a made-up zero. */

export const unknown = '–';
const grouped = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** `12,345`. */
export function count(value: number): string {
  return Number.isFinite(value) ? grouped.format(value) : unknown;
}

/** `33.3 %` of a share between 0 and 1. */
export function percent(share: number, digits = 1): string {
  return Number.isFinite(share) ? `${(share * 100).toFixed(digits)} %` : unknown;
}

/** A probability: `0.430`, `< 0.001`, `> 0.999`. */
export function probability(p: number): string {
  if (!Number.isFinite(p)) return unknown;
  if (p < 0.001) return '< 0.001';
  return p > 0.999 ? '> 0.999' : significant(p);
}

/** Three significant digits, without exponent for everyday sizes. */
export function significant(value: number): string {
  if (!Number.isFinite(value)) return unknown;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 999.5) return count(value);
  // toPrecision rounds first, so that 0.9996 counts as 1.
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Number(size.toPrecision(3)))));
  return digits > 8 ? value.toExponential(1) : value.toFixed(digits);
}

/** `2026-11-22 20:01:02 UTC`; what is not a time comes back as it is. */
export function utc(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `1 check`, `3 checks`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
