import { IpvetError } from '../../lib/errors.ts';
import { nat } from './nat.ts';
import type { Topology, TopologyOptions } from './topology.ts';

const topologies: Readonly<Record<string, (options: TopologyOptions) => Topology>> = { nat };

export const topologyNames: readonly string[] = Object.keys(topologies);

/** Throws USAGE when there is none of that name. */
export function topologyNamed(name: string): (options: TopologyOptions) => Topology {
  const found = Object.hasOwn(topologies, name) ? topologies[name] : undefined;
  if (found !== undefined) return found;
  throw new IpvetError('USAGE', `there is no lab topology "${name}"`, { hint: `known: ${topologyNames.join(', ')}` });
}
