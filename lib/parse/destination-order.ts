/** In which order the kernel has the destinations of a virtual service. */
import type { VirtualService } from '../model/cluster.ts';
import { addressFromTable, addressInTable, endpoint, portFromTable, portInTable } from './table-address.ts';

/**
 * /proc/net/ip_vs (ip_vs_ctl.c, ip_vs_info_seq_show) lists them as schedulers go through them, the latest that was added
 * first; ipvsadm sorts. As the connection table has them: `10.10.10.20:80`. Undefined when the service is not listed.
 * Throws ParseError.
 */
export function parseDestinationOrder(
  text: string,
  { vip, port, protocol, fwmark }: Pick<VirtualService, 'vip' | 'port' | 'protocol' | 'fwmark'>,
): readonly string[] | undefined {
  const address = addressInTable(vip);
  const listed =
    fwmark === undefined
      ? `${protocol.toUpperCase()} ${address.includes(':') ? `[${address}]` : address}:${portInTable(port)}`
      : `FWM ${fwmark.toString(16).padStart(8, '0').toUpperCase()}`;
  let order: string[] | undefined;
  let inside = false;
  for (const line of text.split('\n').slice(3)) {
    const words = line.trim().split(/\s+/);
    if (words[0] !== '->') {
      inside = words.slice(0, 2).join(' ') === listed;
      if (inside) order ??= [];
    } else if (inside) {
      const [, rip = '', hexPort = ''] = /^\[?([^\]]*)\]?:([^:]*)$/.exec(words[1] ?? '') ?? [];
      const own = portFromTable(hexPort);
      order?.push(endpoint(addressFromTable(rip), fwmark !== undefined && own === 0 ? port : own));
    }
  }
  return order;
}
