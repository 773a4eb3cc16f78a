import { IpvetError } from '../../lib/errors.ts';
import { drV6 } from './dr-v6.ts';
import { dr } from './dr.ts';
import { ha, haNat } from './ha.ts';
import { mixed } from './mixed.ts';
import { nat } from './nat.ts';
import type { ClientPlace, Topology, TopologyOptions } from './topology.ts';
import { tun } from './tun.ts';

/** Takes no notice of options it does not have. */
type Plan = (options: TopologyOptions) => Topology;

const topologies: Readonly<Record<string, Plan>> = { nat, dr, tun, 'dr-v6': drV6, mixed, ha, 'ha-nat': haNat };

export const topologyNames: readonly string[] = Object.keys(topologies);

const unknown = (name: string): IpvetError =>
  new IpvetError('USAGE', `there is no lab topology "${name}"`, { hint: `known: ${topologyNames.join(', ')}` });

/** Throws USAGE when there is none of that name. What it answers with throws USAGE for a number of real servers it has no room for. */
export function topologyNamed(name: string): Plan {
  const found = Object.hasOwn(topologies, name) ? topologies[name] : undefined;
  if (found !== undefined) return found;
  throw unknown(name);
}

/** The same with so much memory for each director; undefined leaves it. */
export function withDirectorMemory(topology: Topology, memoryMb: number | undefined): Topology {
  if (memoryMb === undefined) return topology;
  const hosts = topology.hosts.map((host) => (host.role === 'director' ? { ...host, memoryMb } : host));
  return { ...topology, hosts };
}

/** Throws USAGE for a topology there is not, or a place for a client that it does not offer. */
export function checkTopology({
  topology,
  client,
}: {
  readonly topology?: string;
  readonly client?: ClientPlace;
}): void {
  if (topology !== undefined && !Object.hasOwn(topologies, topology)) throw unknown(topology);
  if (client === undefined || topology === 'dr') return;
  throw new IpvetError('USAGE', `--client ${client} goes with --topology dr, not with ${topology ?? 'nat'}`, {
    hint: 'the client of every other topology has one place',
  });
}
