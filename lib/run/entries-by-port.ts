/** The director's entries of a few connections, by their source ports. */
import { asIpvetError } from '../errors.ts';
import type { VirtualService } from '../model/cluster.ts';
import type { ConnectionEntry } from '../model/sampling.ts';
import { readEntries } from '../sampling/entries.ts';
import type { Host } from '../ssh/host.ts';

export interface EntriesByPort {
  readonly entries: readonly ConnectionEntry[];
  /** Why there are none: the table could not be read. */
  readonly problem?: string;
}

/** Connections that never had a port have 0. Each port is looked for under several addresses of the client. Never rejects. */
export async function entriesByPort(
  host: Host,
  service: VirtualService,
  connections: readonly { readonly localPort: number }[],
  signal: AbortSignal,
): Promise<EntriesByPort> {
  const clientPorts = [...new Set(connections.map(({ localPort }) => localPort))].filter((port) => port > 0);
  if (clientPorts.length === 0) return { entries: [] };
  try {
    return {
      entries: await readEntries(host, service, { clientPorts, limit: mostEntries(clientPorts.length), signal }),
    };
  } catch (error) {
    return { entries: [], problem: asIpvetError(error, 'INTERNAL', 'connection table').message };
  }
}

/** Rows that are read at most for so many ports. */
export const mostEntries = (ports: number): number => 4 * ports;
