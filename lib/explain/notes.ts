/** What else bears on where a client goes: marks nobody looked at, and clients that are part of the cluster themselves. */
import { endpoint } from '../model/endpoint.ts';
import type { ListedService } from '../model/facts.ts';
import type { Place } from './explanation.ts';
import type { AskedDirector, Declared, Flow } from './input.ts';
import { declaredService, type Found, marksOf, serviceLabel } from './service.ts';

export function markNotes(
  listed: readonly ListedService[],
  found: Found | undefined,
  flow: Flow,
  declared: Pick<Declared, 'virtualServices'>,
): readonly string[] {
  const wanted = declaredService(declared, flow);
  const others = marksOf(listed, flow).filter((one) => one !== found?.service);
  const marks = others.map(serviceLabel).join(', ');
  return [
    ...(found?.way === 'mark'
      ? [
          `that packets for ${endpoint(flow.vip, flow.port)} get the mark ${found.service.fwmark ?? 0} is what the cluster file says of ${wanted?.name ?? ''}; whether the packet filter gives it, ipvet check director/firewall-mark looks`,
        ]
      : []),
    ...(wanted?.fwmark !== undefined && found?.way !== 'mark'
      ? [`${wanted.name} goes by mark ${wanted.fwmark} in the cluster file, and the director has no such service`]
      : []),
    ...(marks === ''
      ? []
      : [
          `a packet that the packet filter marks for ${marks} goes to that service first; which packets it marks cannot be told here`,
        ]),
  ];
}

/** Faults client-is-director and client-is-real-server: what such a client sees is nothing that others see. */
export function clientNotes(
  { client, vip }: Flow,
  { name, addresses }: Pick<AskedDirector, 'name' | 'addresses'>,
  { directors, realServers }: Declared,
  places: readonly Place[],
): readonly string[] {
  const direct = places.some(({ forwarding }) => forwarding === 'dr' || forwarding === 'tun');
  const realServer = realServers.find(({ rip }) => rip === client);
  const own = addresses.known && addresses.value.some(({ address }) => address === client);
  const director = own ? name : directors.find(({ dip }) => dip === client)?.name;
  if (client === vip) return [`${client} is the VIP itself: whoever has it talks to itself (fault client-is-director)`];
  return [
    ...(realServer === undefined
      ? []
      : [
          direct
            ? `${client} is ${realServer.name}, which has the VIP itself: what it sends there stays on it and never comes to ${name} (fault client-is-real-server)`
            : `${client} is ${realServer.name}: real servers of its own network answer it past ${name}, from an address it did not ask, and such a connection hangs (fault client-is-real-server)`,
        ]),
    ...(director === undefined
      ? []
      : [
          direct
            ? `${client} is an address of ${director}: what a director itself sends to its VIP has the VIP as source, and real servers that have it too drop that (fault client-is-director)`
            : `${client} is an address of ${director}: what a director itself sends says nothing of other clients (fault client-is-director)`,
        ]),
  ];
}
