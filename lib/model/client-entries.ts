/** What a director's connection table has of one client. */
import type { ConnectionEntry } from './sampling.ts';

/** An entry as the table names it. */
export interface NamedEntry extends ConnectionEntry {
  /** Protocol, client, its port, VIP and port, in the table's own digits: `TCP C0A87A01 9C42 C0A87A64 0050`. */
  readonly key: string;
  /** A peer made it, and the synchronisation daemon brought it here. */
  readonly fromPeer: boolean;
}

/** What a director's table has of one client at one service. */
export interface ClientEntries {
  /** `part`: reading took too long, and ended after `rows`. */
  readonly extent: 'whole' | 'part';
  readonly rows: number;
  /** The first that were found, in the table's order, which is none. */
  readonly entries: readonly NamedEntry[];
  readonly found: number;
  /** Persistence templates: their client is masked, its port 0, and their state is no connection's. */
  readonly templates: readonly NamedEntry[];
}
