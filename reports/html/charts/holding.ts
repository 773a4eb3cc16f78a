/** Which director had the VIP from when to when, and what its table had: stretches of time out of single events. */
import type { Failover, TimelineEntry } from '../../../lib/model/failover.ts';

export interface Stretch<T> {
  readonly fromMs: number;
  readonly toMs: number;
  readonly value: T;
  /** How far off the beginning may be. */
  readonly errorMs: number;
}

/** `undefined`: whether it had the VIP is not known. */
export type Holding = Stretch<boolean | undefined>;

export interface Director {
  readonly name: string;
  readonly holdings: readonly Holding[];
  /** Destinations in its table; none before it was first looked at. */
  readonly destinations: readonly Stretch<readonly string[]>[];
  readonly synced: readonly { readonly atMs: number; readonly entries: number }[];
}

const ofDirectors = new Set<TimelineEntry['kind']>(['vip-added', 'vip-removed', 'destinations', 'synced-entries']);

/** Of hosts that the timeline says anything of as directors, in the order in which it does. */
export function directorsOf(drill: Failover): readonly Director[] {
  const { timeline } = drill;
  const names = [...new Set(timeline.filter(({ kind }) => ofDirectors.has(kind)).map(({ host }) => host))].sort();
  const owner = ownerBefore(drill, names);
  const [fromMs, toMs] = spanOf(drill);
  return names.map((name) => {
    const own = timeline.filter(({ host, atMs }) => host === name && atMs <= toMs);
    const moved = own.filter(({ kind }) => kind === 'vip-added' || kind === 'vip-removed');
    const before = moved[0] === undefined ? knownBefore(owner, name) : moved[0].kind === 'vip-removed';
    return {
      name,
      holdings: stretches<boolean | undefined>(
        [
          { atMs: fromMs, errorMs: 0, value: before },
          ...moved.map(({ atMs, errorMs, kind }) => ({ atMs, errorMs, value: kind === 'vip-added' })),
        ],
        [fromMs, toMs],
      ),
      destinations: stretches(
        own
          .filter(({ kind }) => kind === 'destinations')
          .map(({ atMs, errorMs, value }) => ({
            atMs,
            errorMs,
            value: value.split(' ').filter((one) => one !== ''),
          })),
        [fromMs, toMs],
      ),
      synced: own
        .filter(({ kind, value }) => kind === 'synced-entries' && /^\d+$/.test(value))
        .map(({ atMs, value }) => ({ atMs: Math.max(fromMs, atMs), entries: Number(value) })),
    };
  });
}

/** From the first to the last moment that clients were asked about. */
export function spanOf({ client, takeover, failback }: Failover): readonly [number, number] {
  const fromMs = Math.min(client.fromMs, takeover.beganMs);
  return [fromMs, Math.max(fromMs + 1, client.fromMs + client.answered.length * 100, failback.endedMs)];
}

/**
 * A drill begins only when exactly one director has the VIP: the one that lost it first, else the one that has it in the
 * end and of which no change was seen. Undefined where neither is there.
 */
function ownerBefore({ timeline, failback }: Failover, names: readonly string[]): string | undefined {
  const first = (name: string) =>
    timeline.find(({ host, kind }) => host === name && (kind === 'vip-added' || kind === 'vip-removed'))?.kind;
  const lost = names.find((name) => first(name) === 'vip-removed');
  return lost ?? names.find((name) => name === failback.owner && first(name) === undefined);
}

function knownBefore(owner: string | undefined, name: string): boolean | undefined {
  return owner === undefined ? undefined : owner === name;
}

/** Each value holds until the next, the last one to the end. */
function stretches<T>(
  events: readonly { readonly atMs: number; readonly errorMs: number; readonly value: T }[],
  [fromMs, toMs]: readonly [number, number],
): readonly Stretch<T>[] {
  return events
    .map(({ atMs, errorMs, value }, index) => ({
      fromMs: Math.max(fromMs, atMs),
      toMs: Math.min(toMs, events[index + 1]?.atMs ?? toMs),
      errorMs,
      value,
    }))
    .filter((one) => one.toMs > one.fromMs);
}

/** The owner at the beginning and once the cluster had reacted, for a sentence. */
export function ownersOf(drill: Failover): { readonly before?: string; readonly after?: string } {
  const names = [...new Set(drill.timeline.filter(({ kind }) => ofDirectors.has(kind)).map(({ host }) => host))];
  const before = ownerBefore(drill, names);
  const after = drill.takeover.owner ?? before;
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}
