/** What the sampling of a director cost, how fine it was, and what it could not see, as sentences. */
import type { Sampling } from '../lib/model/sampling.ts';
import { words } from './language/index.ts';
import { duration, percent } from './units.ts';
import { brief } from './visible.ts';

/** How often what was read, and the share of a CPU it took. */
export function resolutionText(of: Sampling): string {
  const { samples, intervalMs, resolutionMs, levels, costShare, budgetShare } = of;
  const { sampling } = words();
  const often =
    resolutionMs === undefined
      ? sampling.every(duration(intervalMs))
      : sampling.resolution(duration(resolutionMs.median), duration(resolutionMs.longest));
  const cheap = levels === undefined ? '' : sampling.levels(duration(levels.intervalMs));
  const budget = budgetShare === undefined ? '' : sampling.allowed(percent(budgetShare, 1));
  return `${sampling.samples(samples.length, often)}${cheap}${sampling.cost(percent(costShare, 2))}${budget}`;
}

/** What is to be known besides: a table too large, SYNs that came again, entries of peers, a restart. */
export function samplingNotes({ partlyRead, resent = [], synced, restartsMs, host }: Sampling): readonly string[] {
  const { sampling } = words();
  const notes: string[] = [];
  if (partlyRead !== undefined) {
    const { entries, wholeCostMs, samples } = partlyRead;
    const read = samples.reduce((most, sample) => Math.max(most, sample.entries), 0);
    notes.push(
      sampling.partly(entries, duration(wholeCostMs), brief(host, 100), read, samples.length, statesOf(partlyRead)),
    );
  }
  for (const { destination, connections, packets } of resent) {
    notes.push(sampling.resent(brief(destination, 100), connections, packets));
  }
  if (synced !== undefined) notes.push(sampling.synced(synced));
  if (restartsMs !== undefined) notes.push(sampling.restarted(brief(host, 100)));
  return notes;
}

/** Shares of the states in the part that was read last. */
function statesOf({ samples }: NonNullable<Sampling['partlyRead']>): string {
  const { sampling, summary } = words();
  const counts = samples.at(-1)?.counts ?? [];
  const all = counts.reduce((sum, { entries }) => sum + entries, 0);
  const states = new Map<string, number>();
  for (const { state, entries } of counts) states.set(state, (states.get(state) ?? 0) + entries);
  if (all === 0) return sampling.noneOfService;
  const shares = [...states]
    .sort((a, b) => b[1] - a[1])
    .map(([state, entries]) => `${brief(state, 40)} ${percent(entries / all)}`);
  return sampling.shares(summary.and(shares));
}
