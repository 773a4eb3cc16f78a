/** What a drill waits for, each with an end to it. */
import { IpvetError } from '../../errors.ts';
import { outageOf } from '../../failover/outage.ts';
import type { Probe, TimelineEntry } from '../../model/failover.ts';
import type { Fleet } from '../../ssh/host.ts';
import { epoch, pace, pause } from './pace.ts';
import type { DrillPlan, DrillScene } from './scenarios.ts';
import { type ClusterState, readState } from './state.ts';
import { reactedMs } from './timeline.ts';

interface Asking {
  readonly fleet: Fleet;
  readonly signal: AbortSignal;
}

/**
 * Settles with the state once the cluster has been stable for a while; with the last one when it does not become so. Throws
 * what `readState` throws when a director cannot be asked at the end; undefined where that is to be waited for (`patient`).
 */
export async function stableAgain(
  { fleet, signal }: Asking,
  { cluster, service, owner }: Pick<DrillScene, 'cluster' | 'service'> & { readonly owner?: string },
  { limitMs = pace.stable, patient = false }: { readonly limitMs?: number; readonly patient?: boolean } = {},
): Promise<ClusterState | undefined> {
  const untilMs = epoch() + limitMs;
  let sinceMs: number | undefined;
  let state: ClusterState | undefined;
  for (;;) {
    const late = epoch() >= untilMs;
    try {
      state = await readState(cluster, service, fleet, signal);
    } catch (error) {
      if (signal.aborted || (late && !patient)) throw error;
      state = undefined;
    }
    const good = state?.unstable.length === 0 && (owner === undefined || state.owner === owner);
    if (!good) sinceMs = undefined;
    else sinceMs ??= epoch();
    if (late || (sinceMs !== undefined && epoch() - sinceMs >= pace.stay)) return state;
    await pause(pace.look, signal);
  }
}

/** Until another director has had the VIP for a while. Throws EXEC_FAILED when none takes it. */
export async function takenOver(
  { fleet, signal }: Asking,
  { cluster, service, owner }: Pick<DrillScene, 'cluster' | 'service' | 'owner'>,
): Promise<void> {
  const untilMs = epoch() + pace.stable;
  while (epoch() < untilMs) {
    const state = await readState(cluster, service, fleet, signal);
    if (state.owner !== undefined && state.owner !== owner) {
      await pause(pace.stay, signal);
      return;
    }
    await pause(pace.look, signal);
  }
  throw new IpvetError(
    'EXEC_FAILED',
    `no other director took the VIP within ${pace.stable / 1000} s, so there is nothing for ${owner} to take back`,
  );
}

export interface Settling {
  readonly probes: readonly Probe[];
  readonly seen: () => readonly TimelineEntry[];
  readonly plan: DrillPlan;
  readonly scene: DrillScene;
  readonly fromMs: number;
  readonly signal: AbortSignal;
  readonly limitMs?: number;
}

/** Twice what it should take, and some time: a cluster that does not converge ends the drill as well. */
export function longestMs({ predicted }: Pick<DrillPlan, 'predicted'>): number {
  return Math.min(pace.notice, (predicted?.reaction.maxMs ?? 5000) * 2 + 12_000);
}

/** Until the cluster has reacted and clients are answered, or the time for that is over. */
export async function settled(settling: Settling): Promise<void> {
  const { probes, seen, plan, scene, fromMs, signal, limitMs = longestMs(plan) } = settling;
  for (;;) {
    await pause(pace.look / 2, signal);
    const nowMs = epoch();
    const noticedMs = plan.reaction === 'none' ? fromMs : reactedMs(seen(), plan, scene, fromMs);
    const knownMs = nowMs - pace.probeTimeout;
    const { failed, probes: count } = outageOf(probes, Math.max(fromMs, knownMs - pace.calm), knownMs);
    // What a takeover costs comes after it: clients that were answered before say nothing of it.
    const calm = noticedMs !== undefined && knownMs - noticedMs >= pace.calm && count > 0 && failed === 0;
    if (calm || nowMs - fromMs >= limitMs) return;
  }
}
