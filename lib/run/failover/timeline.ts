/** What was seen on the hosts and by clients, put together as one drill. Pure. */
import { outageOf, phasesOf } from '../../failover/outage.ts';
import type { Failover, KeptConnection, Prediction, Probe, TimelineEntry } from '../../model/failover.ts';
import type { DrillPlan, DrillScene } from './scenarios.ts';

type Owned = Pick<DrillScene, 'owner'>;
type Reaction = Pick<DrillPlan, 'reaction'>;

/** When the VIP went where it had to go, or the table of the director that has it came to have other destinations. */
export function reactedMs(
  timeline: readonly TimelineEntry[],
  { reaction }: Reaction,
  { owner }: Owned,
  fromMs: number,
): number | undefined {
  const shows: Readonly<Record<DrillPlan['reaction'], (entry: TimelineEntry) => boolean>> = {
    owner: ({ kind, host }) => kind === 'vip-added' && host !== owner,
    return: ({ kind, host }) => kind === 'vip-added' && host === owner,
    table: ({ kind, host }) => kind === 'destinations' && host === owner,
    none: () => false,
  };
  return timeline.find((entry) => entry.atMs >= fromMs && shows[reaction](entry))?.atMs;
}

export function backAt(
  timeline: readonly TimelineEntry[],
  { reaction }: Reaction,
  { owner }: Owned,
  fromMs: number,
): number | undefined {
  const moved = timeline.filter(({ atMs }) => atMs >= fromMs);
  if (reaction === 'owner') {
    const taken = moved.find(({ kind, host }) => kind === 'vip-added' && host === owner);
    return (taken ?? moved.find(({ kind }) => kind === 'vip-removed'))?.atMs;
  }
  return reaction === 'table'
    ? moved.findLast(({ kind, host }) => kind === 'destinations' && host === owner)?.atMs
    : undefined;
}

/**
 * When it took effect, within the time its command took: the VIP or the link left its director, or the first probe failed; else the
 * middle of the command. A director that comes back takes effect by what it is told.
 */
export function faultAt(
  timeline: readonly TimelineEntry[],
  { reaction }: Reaction,
  { owner }: Owned,
  at: {
    readonly middleMs: number;
    readonly firstFailureMs: number | undefined;
    readonly noticedMs: number | undefined;
  },
): number {
  const { middleMs, firstFailureMs, noticedMs = Infinity } = at;
  if (reaction === 'return') return Math.min(middleMs, noticedMs);
  const gone = timeline.find(
    ({ atMs, kind, host }) => atMs >= 0 && (kind === 'vip-removed' || kind === 'link-down') && host === owner,
  )?.atMs;
  const seen = [gone, firstFailureMs].filter((ms) => ms !== undefined && ms < noticedMs);
  return seen.length === 0 ? Math.min(middleMs, noticedMs) : Math.min(...seen.map((ms) => ms ?? middleMs));
}

/** When the host took it back by itself; undefined where it was not seen to. */
export function linkUpAt(timeline: readonly TimelineEntry[], { owner }: Owned, fromMs: number): number | undefined {
  return timeline.find(({ atMs, kind, host }) => atMs >= fromMs && kind === 'link-up' && host === owner)?.atMs;
}

/** Of directors whose VIP came and went in the timeline, the one that had it last before then. */
export function ownerAt(timeline: readonly TimelineEntry[], atMs: number): string | undefined {
  return timeline.findLast((entry) => entry.kind === 'vip-added' && entry.atMs <= atMs)?.host;
}

export function transition(
  probes: readonly Probe[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  known: {
    predicted: Prediction | undefined;
    faultMs: number;
    reactedMs: number | undefined;
    owner: string | undefined;
  },
): Failover['takeover'] {
  const { predicted, faultMs, reactedMs: reacted, owner } = known;
  return {
    beganMs: fromMs,
    endedMs: toMs,
    ...outageOf(probes, fromMs, toMs),
    ...(owner === undefined ? {} : { owner }),
    phases: phasesOf(probes, { fromMs: faultMs, toMs, ...(reacted === undefined ? {} : { reactedMs: reacted }) }),
    ...(predicted === undefined ? {} : { predicted }),
  };
}

export function countFates(kept: readonly KeptConnection[], shift: (atMs: number) => number): Failover['connections'] {
  const of = (fate: KeptConnection['fate']): number => kept.filter((one) => one.fate === fate).length;
  const endedMs = kept.flatMap((one) => (one.endedMs === undefined ? [] : [shift(one.endedMs)]));
  return { survived: of('survived'), reset: of('reset'), hung: of('hung'), endedMs: endedMs.toSorted((a, b) => a - b) };
}
