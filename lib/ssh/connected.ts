/** The connections of a run, with what ends them. */
import type { Cluster } from '../model/cluster.ts';
import { connectFleet, type FleetOptions } from './fleet.ts';
import type { Fleet } from './host.ts';

export interface Connected {
  readonly fleet: Fleet;
  /** Ends what was started without a signal of its own; an undo needs its host after the run was interrupted. */
  readonly lifetime: AbortController;
}

export function connected(cluster: Cluster, options: Omit<FleetOptions, 'signal'>): Connected {
  const lifetime = new AbortController();
  return { fleet: connectFleet(cluster, { ...options, signal: lifetime.signal }), lifetime };
}
