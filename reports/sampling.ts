/** What the sampling of a director cost, how fine it was, and what it could not see, as sentences. */
import type { Sampling } from '../lib/model/observations.ts';
import { count, duration, percent, plural } from './units.ts';
import { brief } from './visible.ts';

/** How often what was read, and the share of a CPU it took. */
export function resolutionText(sampling: Sampling): string {
  const { samples, intervalMs, resolutionMs, levels, costShare, budgetShare } = sampling;
  const often =
    resolutionMs === undefined
      ? `every ${duration(intervalMs)}`
      : `every ${duration(resolutionMs.median)}, at most ${duration(resolutionMs.longest)} apart`;
  const cheap = levels === undefined ? '' : `, its entry counts every ${duration(levels.intervalMs)}`;
  const budget = budgetShare === undefined ? '' : ` of ${percent(budgetShare, 1)} allowed`;
  return `${plural(samples.length, 'sample')} ${often}${cheap}; ${percent(costShare, 2)} of one CPU${budget}`;
}

/** What is to be known besides: a table too large, SYNs that came again, entries of peers, a restart. */
export function samplingNotes({ partlyRead, resent = [], synced, restartsMs, host }: Sampling): readonly string[] {
  const notes: string[] = [];
  if (partlyRead !== undefined) {
    const read = partlyRead.samples.reduce((most, { entries }) => Math.max(most, entries), 0);
    notes.push(
      `The table had up to ${count(partlyRead.entries)} entries. Reading all of them would have taken ${duration(partlyRead.wholeCostMs)} of ${brief(host, 100)}'s CPU each time, so its first ${count(read)} at most were read, ${plural(partlyRead.samples.length, 'time')}; ${statesOf(partlyRead)}. They are placed by a hash of the client's address and port.`,
    );
  }
  for (const { destination, connections, packets } of resent) {
    notes.push(
      `${brief(destination, 100)}: ${plural(connections, 'connection')} in SYN_RECV had their timer set back ${plural(packets, 'time')}: a SYN (or, with NAT, a SYN-ACK) came again.`,
    );
  }
  if (synced !== undefined) notes.push(`${plural(synced, 'entry', 'entries')} came from a peer and are not counted.`);
  if (restartsMs !== undefined) notes.push(`${brief(host, 100)} was started anew during the load.`);
  return notes;
}

/** Shares of the states in the part that was read last. */
function statesOf({ samples }: NonNullable<Sampling['partlyRead']>): string {
  const counts = samples.at(-1)?.counts ?? [];
  const all = counts.reduce((sum, { entries }) => sum + entries, 0);
  const states = new Map<string, number>();
  for (const { state, entries } of counts) states.set(state, (states.get(state) ?? 0) + entries);
  if (all === 0) return 'none of those was of this service';
  const shares = [...states]
    .sort((a, b) => b[1] - a[1])
    .map(([state, entries]) => `${brief(state, 40)} ${percent(entries / all)}`);
  return `of those of this service in the last one ${shares.join(', ')}`;
}
