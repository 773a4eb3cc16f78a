import { closest, distance } from 'fastest-levenshtein';

/** The candidate that was probably meant, if any is near enough. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const candidate = closest(word, candidates);
  return distance(word, candidate) <= Math.max(2, Math.ceil(word.length / 3)) ? candidate : undefined;
}
