/** How a distribution was judged, in the words all formats use. */
import type { Distribution } from '../lib/model/distribution.ts';
import { words } from './language/index.ts';
import { percent, significant } from './units.ts';

export const methodOf = ({ method }: Distribution) =>
  method === undefined ? undefined : words().distribution.methods[method];

/** `2,000 connections, 312 needed`. */
export function sampleOf({ sample }: Distribution): string | undefined {
  if (sample === undefined) return undefined;
  return words().distribution.sample(sample.unit, sample.size, sample.needed);
}

/** `w 0.215`. */
export const effectOf = ({ effectSize }: Distribution) =>
  effectSize === undefined ? undefined : `w ${significant(effectSize)}`;

/** `32.1 % to 34.5 %`. */
export const range = ([low, high]: readonly [number, number]) =>
  words().distribution.range(percent(low), percent(high));
