import { distance } from 'fastest-levenshtein';

/** What was probably meant: the nearest of `candidates`, when it is near enough to be a slip of the pen. */
export function suggestion(text: string, candidates: readonly string[]): string | undefined {
  const wanted = text.toLowerCase().slice(0, 100);
  const [best] = candidates
    .map((candidate) => ({ candidate, steps: distance(wanted, candidate.toLowerCase()) }))
    .sort((a, b) => a.steps - b.steps);
  if (best === undefined) return undefined;
  // Two letters in each other's place count as two steps, and are one slip.
  const swapped = best.steps === 2 && letters(wanted) === letters(best.candidate.toLowerCase());
  const near = best.steps <= Math.max(1, Math.floor(wanted.length / 3)) || swapped;
  return near ? best.candidate : undefined;
}

function letters(text: string): string {
  return Array.from(text).sort().join('');
}
