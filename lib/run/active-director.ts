/** Of directors that stand in for each other, the one that clients talk to now: the one that has the VIP. */
import type { Cluster, Director, VirtualService } from '../model/cluster.ts';
import { holdsVip } from '../ipvs/vip-holder.ts';
import type { Fleet } from '../ssh/host.ts';

export interface ActiveOptions {
  readonly cluster: Pick<Cluster, 'directors'>;
  readonly fleet: Fleet;
  readonly signal: AbortSignal;
  /** Names of the hosts that may be asked; empty is all. */
  readonly limit?: readonly string[];
}

/** Those that are asked who has the VIP: none where one director is all there is. */
export function mayBeActive(
  { directors }: Pick<Cluster, 'directors'>,
  limit: readonly string[] = [],
): readonly Director[] {
  if (directors.length < 2) return [];
  return directors.filter(({ name }) => limit.length === 0 || limit.includes(name));
}

/**
 * `declared` where it is the only director, where none has the VIP (a route or a mark may do without) and where nobody
 * says; the first of several that have it. On lo it counts as not had: there a backup may keep it. Asks all at once. Never rejects.
 */
export async function activeDirector(
  { cluster, fleet, signal, limit = [] }: ActiveOptions,
  { vip }: Pick<VirtualService, 'vip'>,
  declared: Director,
): Promise<Director> {
  const asked = mayBeActive(cluster, limit);
  const has = await Promise.all(
    asked.map(async ({ name }) => {
      try {
        return await holdsVip(await fleet.host(name), [{ vip }], signal);
      } catch {
        // Who does not answer is told by the facts; here somebody else may have the VIP.
        return false;
      }
    }),
  );
  return asked.find((_director, index) => has[index]) ?? declared;
}
