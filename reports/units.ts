/** Times and rates as people read them, in the language of the report. A figure that is not finite is a dash. */
import { words } from './language/index.ts';
import { count, significant, unknown } from './numbers.ts';

export { count, percent, plural, probability, significant, utc } from './numbers.ts';

/** Three significant digits: `0.312 ms`, `12.3 ms`, `1.20 s`, `12 min 05 s`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return unknown;
  if (ms === 0) return '0 ms';
  if (Math.abs(ms) < 999.5) return `${significant(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${significant(seconds)} s`;
  const whole = Math.round(seconds);
  const { units } = words();
  if (whole < 3600) return units.minutes(Math.floor(whole / 60), twoDigits(whole % 60));
  return units.hours(count(Math.floor(whole / 3600)), twoDigits(Math.floor((whole % 3600) / 60)));
}

/** `1,834/s`. */
export function rate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return unknown;
  return words().units.perSecond(perSecond < 100 ? significant(perSecond) : count(perSecond));
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
