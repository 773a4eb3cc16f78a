/** Rows of /proc/net/ip_vs_conn: `Pro FromIP FPrt ToIP TPrt DestIP DPrt State Expires [PEName PEData]`. */
import type { ConnectionEntry } from '../model/sampling.ts';
import { ParseError } from './parse-error.ts';
import { addressFromTable, endpoint, portFromTable } from './table-address.ts';

/** One entry a line; blank lines are skipped. Throws ParseError. */
export function parseTableEntries(text: string): readonly ConnectionEntry[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, from = '', fromPort = '', , , to = '', toPort = '', state = '', expires = ''] = line.trim().split(/\s+/);
      if (!/^\d+$/.test(expires)) throw new ParseError('/proc/net/ip_vs_conn', line);
      return {
        clientAddress: addressFromTable(from),
        clientPort: portFromTable(fromPort),
        destination: endpoint(addressFromTable(to), portFromTable(toPort)),
        state,
        expiresS: Number(expires),
      };
    });
}
