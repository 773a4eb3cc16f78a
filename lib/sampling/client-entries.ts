/** What a director's connection table has of one client at one service. */
import type { Protocol } from '../model/cluster.ts';
import type { ClientEntries } from '../model/client-entries.ts';
import { parseClientEntries } from '../parse/client-entries.ts';
import { addressInTable, portInTable } from '../parse/table-address.ts';
import type { Host } from '../ssh/host.ts';
import { clientEntriesArgv } from './client-program.ts';

export interface ClientQuestion {
  readonly protocol: Protocol;
  readonly client: string;
  /** Absent is any. */
  readonly clientPort?: number;
  readonly vip: string;
  readonly port: number;
  /** Keys of templates, as `NamedEntry.key`. */
  readonly templates: readonly string[];
}

const timeoutMs = 10_000;
/** As many as somebody reads. */
const mostEntries = 20;

/** Undefined where the login user cannot read the table. Throws what `Host.exec` throws, and ParseError. */
export async function readClientEntries(
  host: Host,
  { protocol, client, clientPort, vip, port, templates }: ClientQuestion,
  signal: AbortSignal,
  proc = '/proc',
): Promise<ClientEntries | undefined> {
  const words = {
    protocol: protocol.toUpperCase(),
    client: addressInTable(client),
    ...(clientPort === undefined ? {} : { clientPort: portInTable(clientPort) }),
    vip: addressInTable(vip),
    port: portInTable(port),
    templates,
    limit: mostEntries,
  };
  const { stdout } = await host.exec(clientEntriesArgv(words, proc), { timeoutMs, signal });
  return parseClientEntries(stdout);
}
