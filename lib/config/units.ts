/** Spans of time and figures with units, as a cluster file writes them. */
import { type MetricUnit, unitOf } from '../model/metrics.ts';

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a number of seconds or of `500ms`, `5s`, `2m`, `1h`; undefined for anything else. */
export function durationMs(text: string | number): number | undefined {
  if (typeof text === 'number') return Math.round(text * 1000);
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim()) ?? [];
  const factor = unitsMs[unit ?? ''];
  return digits === undefined || factor === undefined ? undefined : Math.round(Number(digits) * factor);
}

/** How a limit on such a figure can be written. */
export const limitForms: Readonly<Record<MetricUnit, string>> = {
  fraction: 'a share: `0.1%`, or a number from 0 to 1',
  ms: 'a time: `250ms`, `1.5s`, or a number of milliseconds',
  count: 'a number',
  'per-second': 'a number of requests a second: `500` or `500/s`',
};

/** The limit in the unit of the metric (fraction of 1, ms, count, 1/s); undefined when it cannot be one. */
export function limitValue(metric: string, text: string | number): number | undefined {
  const unit = unitOf(metric);
  const [, digits, suffix] = /^(\d+(?:\.\d+)?(?:e-?\d+)?)\s*(%|ms|s|m|h|\/s)?$/i.exec(String(text).trim()) ?? [];
  if (digits === undefined) return undefined;
  const number = Number(digits);
  if (unit === 'fraction') {
    const share = suffix === '%' ? number / 100 : suffix === undefined ? number : undefined;
    return share !== undefined && share <= 1 ? share : undefined;
  }
  if (suffix === undefined) return number;
  if (unit === 'per-second') return suffix === '/s' ? number : undefined;
  const factor = unitsMs[suffix];
  return unit === 'ms' && factor !== undefined ? number * factor : undefined;
}
