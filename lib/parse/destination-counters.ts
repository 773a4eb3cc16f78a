/** `ipvsadm -Ln --stats --exact`: counters of a virtual service and of each of its destinations. */
import type { DestinationCounters } from '../model/sampling.ts';
import { ParseError } from './parse-error.ts';

const source = 'ipvsadm -Ln --stats --exact';
const counterRow = /^\s*->\s+(\S+)((?:\s+\S+){5})\s*$/;

/**
 * Destinations of the service `protocol` (`TCP`, `FWM`) `address` (`192.168.122.100:80`, `7`, `7 IPv6`), in the order listed; undefined when the
 * service is not listed. Throws ParseError, also for figures abbreviated to K and M, which lack `--exact`.
 */
export function parseDestinationCounters(
  text: string,
  protocol: string,
  address: string,
): readonly DestinationCounters[] | undefined {
  let found: DestinationCounters[] | undefined;
  let inside = false;
  for (const line of text.split('\n')) {
    const service = /^([A-Z]+)\s+(\S+(?: IPv6)?)\s+\d/.exec(line);
    if (service !== null) {
      inside = service[1] === protocol && service[2] === address;
      if (inside) found = [];
      continue;
    }
    const row = inside ? counterRow.exec(line) : null;
    if (row !== null) found?.push(countersOf(row[1] ?? '', row[2] ?? '', line));
    else if (inside && line.trim() !== '') throw new ParseError(source, line);
  }
  return found;
}

function countersOf(destination: string, figures: string, line: string): DestinationCounters {
  const numbers = figures.trim().split(/\s+/);
  if (!numbers.every((number) => /^\d+$/.test(number))) throw new ParseError(source, line);
  const [connections = 0, inPackets = 0, outPackets = 0, inBytes = 0, outBytes = 0] = numbers.map(Number);
  return { destination, connections, inPackets, outPackets, inBytes, outBytes };
}
