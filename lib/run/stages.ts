/** Journal entries that every part of a run makes in the same way. */
import type { IpvetError } from '../errors.ts';
import type { Journal } from './journal.ts';

/** The work as a stage of the run, with its beginning, end and duration in the journal. */
export async function timed<T>(journal: Journal, name: string, work: () => Promise<T>): Promise<T> {
  journal.append({ type: 'stage-started', name });
  const startedAt = performance.now();
  try {
    return await work();
  } finally {
    journal.append({ type: 'stage-ended', name, durationMs: Math.round(performance.now() - startedAt) });
  }
}

export function tellProblem(journal: Journal, { code, message, hint }: IpvetError): void {
  journal.append({ type: 'problem', problem: { code, message, ...(hint === undefined ? {} : { hint }) } });
}
