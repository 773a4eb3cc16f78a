import { IpvetError } from '../errors.ts';
import type { VirtualService } from '../model/cluster.ts';
import type { ConnectionEntry } from '../model/sampling.ts';
import { parseTableEntries } from '../parse/table-entry.ts';
import type { Host } from '../ssh/host.ts';
import { entriesArgv, tablePath } from './program.ts';

export interface EntriesOptions {
  /** Only entries in this state. */
  readonly state?: string;
  /** Only entries of this client. */
  readonly clientAddress?: string;
  /** Only entries of these ports of clients; the table is read no further than it takes to find as many as `limit`. */
  readonly clientPorts?: readonly number[];
  /** At most this many. Default 200. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
  /** Where the table is. */
  readonly table?: string;
}

const timeoutMs = 10_000;

/**
 * Rows of the director's connection table of one service, the first that match, in the table's order, which is none.
 * Throws what `Host.exec` throws.
 */
export async function readEntries(
  host: Host,
  service: VirtualService,
  { state, clientAddress, clientPorts, limit = 200, signal, table = tablePath }: EntriesOptions = {},
): Promise<readonly ConnectionEntry[]> {
  if (!(limit > 0))
    throw new IpvetError('USAGE', `reading ${limit} connection entries of ${service.name}: give a limit`);
  const filter = {
    limit,
    ...(state === undefined ? {} : { state }),
    ...(clientAddress === undefined ? {} : { clientAddress }),
    ...(clientPorts === undefined ? {} : { clientPorts }),
  };
  const { stdout } = await host.exec(entriesArgv(service, table, filter), {
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
  });
  return parseTableEntries(stdout);
}
