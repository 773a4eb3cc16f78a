/** In which order the kernel has the destinations of a virtual service. */
import type { VirtualService } from '../model/cluster.ts';
import { endpoint } from '../model/endpoint.ts';
import { parseServiceListing } from './service-listing.ts';
import { addressFromTable, addressInTable } from './table-address.ts';

/**
 * /proc/net/ip_vs lists them as schedulers go through them; ipvsadm sorts. As the connection table has them:
 * `10.10.10.20:80`. Undefined when the service is not listed. Throws ParseError.
 */
export function parseDestinationOrder(
  text: string,
  { vip, port, protocol, fwmark }: Pick<VirtualService, 'vip' | 'port' | 'protocol' | 'fwmark'>,
): readonly string[] | undefined {
  if (text.trim() === '') return undefined;
  const address = addressFromTable(addressInTable(vip));
  const listed = parseServiceListing(text).find((service) =>
    fwmark === undefined
      ? service.protocol === protocol && service.address === address && service.port === port
      : service.fwmark === fwmark,
  );
  return listed?.destinations.map((destination) =>
    endpoint(destination.address, fwmark !== undefined && destination.port === 0 ? port : destination.port),
  );
}
