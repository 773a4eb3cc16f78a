/**
 * What the sampler's program on the director prints (lib/sampling/program.ts), one block for each time it is asked:
 *
 *     c 0A0A0A14 0050 SYN_RECV 12 7     destination, port, state, entries, of these stuck
 *     s 31 5 whole 2                    rows of all services, CPU of the program so far in ticks, whole | cut | absent,
 *                                       connections so far that went on in an entry of an earlier one
 */
import type { TableCount } from '../model/observations.ts';
import { ParseError } from './parse-error.ts';
import { addressFromTable, endpoint, portFromTable } from './table-address.ts';

/** USER_HZ: what /proc/PID/stat counts in, 100 a second on every architecture LVS is run on (proc(5)). */
const tickMs = 10;

export interface TableBlock {
  readonly counts: readonly TableCount[];
  /** Rows read, of all services. */
  readonly entries: number;
  /** CPU time of the program since it began. */
  readonly cpuMs: number;
  /** `cut`: the table was so large that reading was given up. `absent`: there was no table. */
  readonly extent: 'whole' | 'cut' | 'absent';
  /** Connections since the program began that took over the entry of an earlier one; only counted for DR and TUN. */
  readonly reused: number;
}

/** Whether the line is the last of a block. */
export function endsBlock(line: string): boolean {
  return line.startsWith('s ');
}

/** Throws ParseError. */
export function parseTableBlock(lines: readonly string[]): TableBlock {
  const shape = /^s (\d+) (\d+) (whole|cut|absent)(?: (\d+))?$/;
  const [, entries, ticks, extent, reused = '0'] = fields(lines.at(-1) ?? '', shape);
  return {
    counts: lines.slice(0, -1).map(parseCount),
    entries: Number(entries),
    cpuMs: Number(ticks) * tickMs,
    extent: extent === 'cut' || extent === 'absent' ? extent : 'whole',
    reused: Number(reused),
  };
}

function parseCount(line: string): TableCount {
  const [, address = '', port = '', state = '', entries, stuck] = fields(line, /^c (\S+) (\S+) (\S+) (\d+) (\d+)$/);
  return {
    destination: endpoint(addressFromTable(address), portFromTable(port)),
    state,
    entries: Number(entries),
    stuck: Number(stuck),
  };
}

function fields(line: string, shape: RegExp): readonly string[] {
  const match = shape.exec(line);
  if (match === null) throw new ParseError('the sampler', line);
  return match;
}
