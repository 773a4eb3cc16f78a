/** Where load may go: what the cluster file declares, and nothing else. */
import { isIP } from 'node:net';

import { IpvetError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import { endpoint } from '../model/endpoint.ts';

/** Every VIP and real server with its port, as `requireDeclared` compares them. */
export function declaredEndpoints({ virtualServices }: Cluster): readonly string[] {
  const all = virtualServices.flatMap(({ vip, port, destinations }) => [
    canonical(vip, port),
    ...destinations.map((destination) => canonical(destination.realServer.rip, destination.port)),
  ]);
  return [...new Set(all)];
}

/**
 * Throws REFUSED unless the address and port are among the declared ones. Every engine asks this of the very address it
 * connects to, so that nothing a plan, a page or a header says can steer load elsewhere.
 */
export function requireDeclared(address: string, port: number, declared: readonly string[]): void {
  if (declared.includes(canonical(address, port))) return;
  const known = declared.length === 0 ? 'none' : declared.join(', ');
  throw new IpvetError(
    'REFUSED',
    `${endpoint(address, port)} is no address of the cluster file; load goes nowhere else`,
    {
      hint: `virtual services and real servers declared: ${known}`,
    },
  );
}

/** One spelling for each IPv6 address, as a URL has it. */
function canonical(address: string, port: number): string {
  const host = isIP(address) === 6 ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;
  return endpoint(host, port);
}
