/** How a distribution was judged, in the words all formats use. */
import type { Distribution } from '../lib/model/observations.ts';
import { count, percent, plural, significant } from './units.ts';

const methods: Readonly<Record<NonNullable<Distribution['method']>, string>> = {
  exact: 'exact bounds',
  'chi-square': 'chi-square',
  'monte-carlo': 'simulation',
  'by-hash': 'computed by hash',
  untestable: 'not testable',
};

export const methodOf = ({ method }: Distribution) => (method === undefined ? undefined : methods[method]);

/** `2,000 connections, 312 needed`. */
export function sampleOf({ sample }: Distribution): string | undefined {
  if (sample === undefined) return undefined;
  const { unit, size, needed } = sample;
  const counted =
    unit === 'connection' ? plural(size, 'connection') : plural(size, 'source address', 'source addresses');
  return needed === undefined ? counted : `${counted}, ${count(needed)} needed`;
}

/** `w 0.215`. */
export const effectOf = ({ effectSize }: Distribution) =>
  effectSize === undefined ? undefined : `w ${significant(effectSize)}`;

/** `32.1 % to 34.5 %`. */
export const range = ([low, high]: readonly [number, number]) => `${percent(low)} to ${percent(high)}`;
