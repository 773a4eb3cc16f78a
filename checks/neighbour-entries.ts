/** Entries of a neighbour table, and whose MAC is in them. */
import { entryOf } from './address.ts';
import { ownersOf } from './census.ts';
import type { Everyone } from './direct-forwarding.ts';
import { ipCommand } from './remedies.ts';
import { listed } from './sentences.ts';
import type { Cluster, ClusterHost } from '../lib/model/cluster.ts';
import type { Remedy } from '../lib/model/evidence.ts';
import type { Neighbour } from '../lib/model/facts.ts';
import type { FaultId } from '../lib/model/fault-id.ts';
import { shellWord } from '../lib/model/shell-word.ts';

/** States in which the kernel uses the entry (NUD_VALID of include/net/neighbour.h). */
const inUse = ['permanent', 'noarp', 'reachable', 'probe', 'stale', 'delay'];

export interface JudgedEntry {
  readonly entry: Neighbour;
  readonly mac: string;
  /** Which of the hosts asked about have the address now, by name. */
  readonly holders: readonly string[];
  /** Theirs. */
  readonly macs: readonly string[];
  /** Hosts of the cluster file with an interface of the entry's MAC. */
  readonly owners: readonly string[];
  readonly verdict: 'right' | 'wrong' | 'unknown';
}

/** Undefined for an entry that the kernel does not use. `hosts`: who may have the address. */
export function judgedEntry(
  entry: Neighbour,
  hosts: readonly Pick<ClusterHost, 'name'>[],
  cluster: Cluster,
  everyone: Everyone<'addresses' | 'links'>,
): JudgedEntry | undefined {
  const { address, mac, state } = entry;
  if (mac === undefined || !inUse.includes(state)) return undefined;
  const holders = hosts.filter(({ name }) => {
    const own = everyone.get(name)?.addresses;
    return own?.known === true && entryOf(own.value, address)?.up === true;
  });
  const links = holders.map(({ name }) => everyone.get(name)?.links);
  const macs = links.flatMap((fact) => (fact?.known === true ? fact.value.flatMap((link) => link.mac ?? []) : []));
  const unknown = holders.length === 0 || links.some((fact) => fact?.known !== true);
  return {
    entry,
    mac,
    holders: holders.map(({ name }) => name),
    macs,
    owners: ownersOf(mac, cluster, everyone),
    verdict: macs.includes(mac) ? 'right' : unknown ? 'unknown' : 'wrong',
  };
}

/** Where packets go by a wrong entry, and where they should. */
export function astray({ mac, owners, holders }: JudgedEntry): string {
  const whose = owners.length === 0 ? 'an interface of no host of the cluster file' : `which is ${listed(owners)}`;
  return `to ${mac}, ${whose}, not to ${listed(holders)}`;
}

export function forgetting(host: string, { entry, mac }: JudgedEntry): Remedy {
  const { address, interface: device, state } = entry;
  const neigh = `${ipCommand(address)} neigh`;
  const words = `${shellWord(address)} dev ${shellWord(device)}`;
  return {
    host,
    summary: `Forget who had ${address}, so that it is asked for again`,
    commands: [`${neigh} del ${words}`],
    undo: [
      `${neigh} replace ${shellWord(address)} lladdr ${shellWord(mac)} dev ${shellWord(device)} nud ${state === 'permanent' ? 'permanent' : 'stale'}`,
    ],
  };
}

/** With another director the address has moved, and whether that was told and heard is the question. */
export const unheardMove: readonly FaultId[] = [
  'garp-lost-after-failover',
  'no-garp-after-split-brain-heal',
  'stale-arp-at-client-or-router',
];
