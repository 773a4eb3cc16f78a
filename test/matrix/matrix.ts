/** All cases on a few labs at the same time. */
import type { MatrixCase } from './cases.ts';
import { settings } from './cases.ts';
import { Bed } from './bed.ts';
import type { Result } from './results.ts';

export interface MatrixOptions {
  readonly cases: readonly MatrixCase[];
  /** How many labs there are at once. */
  readonly labs: number;
  /** Where runs are kept while they are looked at. */
  readonly out: string;
  /** Where the records of what was missed are left. */
  readonly keep?: string | undefined;
  readonly onResult: (result: Result) => void;
  readonly signal: AbortSignal;
}

/**
 * Each worker takes the topology with the most cases left for each lab on it, and tries cases of it until there are none.
 * Answers in the order of the cases. Its labs are down when it returns, also when it throws because one cannot be made.
 */
export async function runMatrix({
  cases,
  labs,
  out,
  keep,
  onResult,
  signal,
}: MatrixOptions): Promise<readonly Result[]> {
  const results = new Map<MatrixCase, Result>();
  const waiting = new Map<string, { readonly cases: MatrixCase[]; workers: number }>();
  for (const one of cases) {
    const queue = waiting.get(one.topology) ?? { cases: [], workers: 0 };
    queue.cases.push(one);
    waiting.set(one.topology, queue);
  }
  const isOver = () => signal.aborted;
  const work = async (number: number): Promise<void> => {
    for (;;) {
      const [topology, queue] = fullest(waiting);
      const setting = settings.find(({ name }) => name === topology);
      if (queue === undefined || setting === undefined || isOver()) return;
      queue.workers += 1;
      const bed = new Bed(`fm-${number}-${setting.name}`, setting, out, keep);
      try {
        await bed.up();
        const next = () => (isOver() || bed.isLost ? undefined : queue.cases.shift());
        for (let one = next(); one !== undefined; one = next()) {
          const result = await bed.try(one);
          results.set(one, result);
          onResult(result);
        }
      } finally {
        queue.workers -= 1;
        await bed.down();
      }
    }
  };
  const settled = await Promise.allSettled(Array.from({ length: labs }, (_, index) => work(index + 1)));
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return cases.flatMap((one) => results.get(one) ?? []);
}

function fullest<Queue extends { readonly cases: readonly unknown[]; readonly workers: number }>(
  waiting: ReadonlyMap<string, Queue>,
): readonly [string | undefined, Queue | undefined] {
  const [first] = [...waiting]
    .filter(([, { cases }]) => cases.length > 0)
    .toSorted(([, a], [, b]) => b.cases.length / (b.workers + 1) - a.cases.length / (a.workers + 1));
  return first ?? [undefined, undefined];
}
