/**
 * What the sampler's program on the director prints (lib/sampling/program.ts), one block when it starts and one for each
 * time it is asked. Services are numbered as they were given:
 *
 *     h 8c6f9b1a-…                      boot id of the director
 *     k Conns: 120                      first line of /proc/net/ip_vs_status, where the kernel has that
 *     d 0 0A0A0A14:0050 1 12 300        service, destination, weight, active and inactive entries
 *     n 0 1A 2B … / m 1A 2B …           a CPU's live totals, or those refreshed every 2 s, in hex as the kernel has them
 *     c 0 0A0A0A14 0050 SYN_RECV 12 7   service, destination, state, entries, of these stuck
 *     y 0 0A0A0A14 0050 ESTABLISHED 9   entries that a peer sent
 *     r 0 0A0A0A14 0050 3 5             connections whose SYN came again, and how often, since the program began
 *     u 0 2                             connections that went on in an entry of an earlier one, since the program began
 *     s whole 331 312 50000 0           what was read, rows of the table, entries of all services by the cheap file, CPU
 *                                       of the program so far in µs, connections whose timers were not followed
 */
import type { TableCount, TableTotals } from '../model/sampling.ts';
import { ParseError } from './parse-error.ts';
import { addressFromTable, endpoint, portFromTable } from './table-address.ts';

interface OfService {
  /** Its number. */
  readonly service: number;
}

/** Entries of a destination, by the counters the kernel keeps of them. */
export interface DestinationLevel extends OfService {
  readonly destination: string;
  readonly weight: number;
  readonly active: number;
  readonly inactive: number;
}

export interface TableBlock {
  /** Only in the first block. */
  readonly bootId?: string;
  /** Only in the first block, of kernels that keep count. */
  readonly connections?: number;
  readonly levels: readonly DestinationLevel[];
  readonly totals?: TableTotals;
  readonly counts: readonly (TableCount & OfService)[];
  /** Entries that came from a peer by synchronisation. */
  readonly synced: readonly (Omit<TableCount, 'stuck'> & OfService)[];
  readonly resent: readonly (OfService & {
    readonly destination: string;
    readonly connections: number;
    readonly packets: number;
  })[];
  readonly reused: readonly (OfService & { readonly connections: number })[];
  /**
   * `levels`: only the cheap files. `part`: the first `rows` of the table and not the rest. `absent`: there is no IPVS.
   */
  readonly extent: 'ready' | 'levels' | 'whole' | 'part' | 'absent';
  /** Rows read of the table, of all services. */
  readonly rows: number;
  /** Active and inactive entries of all destinations. */
  readonly size: number;
  /** CPU time of the program since it began. */
  readonly cpuMs: number;
  /** Connections whose timers were not followed: there are too many. */
  readonly unfollowed: number;
}

/** Whether the line is the last of a block. */
export function endsBlock(line: string): boolean {
  return line.startsWith('s ');
}

/** Throws ParseError. */
export function parseTableBlock(lines: readonly string[]): TableBlock {
  const of = (kind: string) => lines.slice(0, -1).filter((line) => line.startsWith(`${kind} `));
  const stray = lines.slice(0, -1).find((line) => !/^[hkdnmcyru] /.test(line));
  if (stray !== undefined) throw new ParseError('the sampler', stray);
  const shape = /^s (ready|levels|whole|part|absent) (\d+) (\d+) (\d+) (\d+)$/;
  const [, extent, rows, size, cpuUs, unfollowed] = fields(lines.at(-1) ?? '', shape);
  const [bootId, connections, totals] = [of('h')[0], of('k')[0], totalsOf(of('n'), of('m'))];
  return {
    ...(bootId === undefined ? {} : { bootId: bootId.slice(2).trim() }),
    ...(connections === undefined ? {} : { connections: Number(fields(connections, /^k Conns:\s*(\d+)$/)[1]) }),
    levels: of('d').map(parseLevel),
    ...(totals === undefined ? {} : { totals }),
    counts: of('c').map(parseCount),
    synced: of('y').map(parseSynced),
    resent: of('r').map(parseResent),
    reused: of('u').map((line) => {
      const [, service, count] = fields(line, /^u (\d+) (\d+)$/);
      return { service: Number(service), connections: Number(count) };
    }),
    extent: extent as TableBlock['extent'],
    rows: Number(rows),
    size: Number(size),
    cpuMs: Number(cpuUs) / 1000,
    unfollowed: Number(unfollowed),
  };
}

function parseLevel(line: string): DestinationLevel {
  const shape = /^d (\d+) \[?([0-9A-Fa-f:]+?)\]?:([0-9A-Fa-f]{4}) (-?\d+) (\d+) (\d+)$/;
  const [, service, address = '', port = '', weight, active, inactive] = fields(line, shape);
  return {
    service: Number(service),
    destination: endpoint(addressFromTable(address), portFromTable(port)),
    weight: Number(weight),
    active: Number(active),
    inactive: Number(inactive),
  };
}

function parseCount(line: string): TableCount & OfService {
  const shape = /^c (\d+) (\S+) (\S+) (\S+) (\d+) (\d+)$/;
  const [, service, address = '', port = '', state = '', entries, stuck] = fields(line, shape);
  return { ...place(service, address, port), state, entries: Number(entries), stuck: Number(stuck) };
}

function parseSynced(line: string): Omit<TableCount, 'stuck'> & OfService {
  const [, service, address = '', port = '', state = '', entries] = fields(line, /^y (\d+) (\S+) (\S+) (\S+) (\d+)$/);
  return { ...place(service, address, port), state, entries: Number(entries) };
}

function parseResent(line: string): TableBlock['resent'][number] {
  const [, service, address = '', port = '', count, packets] = fields(line, /^r (\d+) (\S+) (\S+) (\d+) (\d+)$/);
  return { ...place(service, address, port), connections: Number(count), packets: Number(packets) };
}

function place(service: string | undefined, address: string, port: string) {
  return { service: Number(service), destination: endpoint(addressFromTable(address), portFromTable(port)) };
}

/** `live` has a line for each CPU, its number first (ip_vs_stats_percpu_show in ip_vs_ctl.c); `refreshed` one line. */
function totalsOf(live: readonly string[], refreshed: readonly string[]): TableTotals | undefined {
  const rows = live.length > 0 ? live.map((line) => hexes(line, 6).slice(1)) : refreshed.map((line) => hexes(line, 5));
  if (rows.length === 0) return undefined;
  const sum = (column: number) => rows.reduce((total, row) => total + (row[column] ?? 0), 0);
  return { connections: sum(0), inPackets: sum(1), outPackets: sum(2), inBytes: sum(3), outBytes: sum(4) };
}

function hexes(line: string, columns: number): readonly number[] {
  const words = line.slice(2).trim().split(/\s+/);
  if (words.length !== columns || !words.every((word) => /^[0-9A-F]+$/i.test(word)))
    throw new ParseError('/proc/net/ip_vs_stats', line);
  return words.map((word) => Number.parseInt(word, 16));
}

function fields(line: string, shape: RegExp): readonly string[] {
  const match = shape.exec(line);
  if (match === null) throw new ParseError('the sampler', line);
  return match;
}
