/** Size, fill and timers of the IPVS connection table. */
import type { IpvsTable } from '../model/facts.ts';
import { ParseError } from './parse-error.ts';

/**
 * /proc/net/ip_vs (ip_vs_ctl.c, ip_vs_info_seq_show): `size=` of its head line are the buckets, the last two words of a
 * destination its active and inactive entries. Throws ParseError.
 */
export function parseIpvsTable(text: string): Pick<IpvsTable, 'buckets' | 'entries'> {
  const size = /^IP Virtual Server version .*\(size=(\d+)\)/.exec(text)?.[1];
  if (size === undefined) throw new ParseError('/proc/net/ip_vs', text);
  const entries = text
    .split('\n')
    .filter((line) => line.startsWith('  -> ') && !line.includes('RemoteAddress'))
    .map((line) => {
      const words = /\s(\d+)\s+(\d+)\s*$/.exec(line);
      if (words === null) throw new ParseError('/proc/net/ip_vs', line);
      return Number(words[1]) + Number(words[2]);
    });
  return { buckets: Number(size), entries: entries.reduce((sum, each) => sum + each, 0) };
}

/** `Timeout (tcp tcpfin udp): 900 120 300` of `ipvsadm -L --timeout`; undefined for anything else. */
export function parseIpvsTimeouts(text: string): IpvsTable['timeoutsS'] {
  const [, tcp, tcpFin, udp] = /^Timeout \(tcp tcpfin udp\): (\d+) (\d+) (\d+)/m.exec(text) ?? [];
  return udp === undefined ? undefined : { tcp: Number(tcp), tcpFin: Number(tcpFin), udp: Number(udp) };
}
