/** A figure that a threshold names, with its unit. */
import { unitOf } from '../lib/model/metrics.ts';
import { count, duration, percent, rate } from './units.ts';

export function metricText(metric: string, value: number): string {
  switch (unitOf(metric)) {
    case 'fraction':
      return percent(value, 2);
    case 'per-second':
      return rate(value);
    case 'count':
      return count(value);
    case 'ms':
      return duration(value);
  }
}
