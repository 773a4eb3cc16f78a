/** From how long it takes to how much of a year that is. Pure. */

const secondsAYear = 365.25 * 24 * 3600;

/** Least, middle and most; of an even number the middle is the mean of the two. Undefined of nothing. */
export function spread(
  values: readonly number[],
): { readonly min: number; readonly median: number; readonly max: number } | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) return undefined;
  const half = sorted.length / 2;
  const median = ((sorted[Math.ceil(half) - 1] ?? min) + (sorted[Math.floor(half)] ?? max)) / 2;
  return { min, median, max };
}

/** MTBF / (MTBF + MTTR) for a service that is gone so long, so many times a year. 0 to 1. */
export function projectedAvailability(outageMs: number, failuresAYear: number): number {
  if (failuresAYear <= 0) return 1;
  const betweenMs = (secondsAYear * 1000) / failuresAYear;
  return betweenMs / (betweenMs + outageMs);
}
