/** Destinations as places: which real server, how packets get there, how its answers come back. */
import { endpoint } from '../model/endpoint.ts';
import type { ListedDestination } from '../model/facts.ts';
import type { Place } from './explanation.ts';
import type { AskedDirector, Declared, Flow } from './input.ts';
import type { Found } from './service.ts';

export type PlaceOf = (destination: ListedDestination) => Place;

/** How destinations of a service are told of. */
export function placing(
  { service }: Pick<Found, 'service'>,
  flow: Flow,
  { name, addresses }: Pick<AskedDirector, 'name' | 'addresses'>,
  { realServers }: Pick<Declared, 'realServers'>,
): PlaceOf {
  const own = addresses.known ? addresses.value.map(({ address }) => address) : [];
  return (destination) => {
    const realServer = realServers.find(({ rip }) => rip === destination.address)?.name;
    // A destination that is the director's own is served there, whatever method its rule has (ip_vs_xmit.c).
    const forwarding = own.includes(destination.address) ? 'local' : destination.forwarding;
    return {
      destination: endpoint(destination.address, portAt({ service }, destination, flow)),
      ...(realServer === undefined ? {} : { realServer }),
      forwarding,
      replyPath: replyPath(forwarding, realServer ?? destination.address, name, flow),
    };
  };
}

/** ip_vs_schedule and ip_vs_sched_persist: under persistence the port of the rule counts for the service's own port alone. */
function portAt({ service }: Pick<Found, 'service'>, { port }: ListedDestination, flow: Flow): number {
  const takesRule = service.persistence === undefined || flow.port === service.port;
  return takesRule && port !== 0 ? port : flow.port;
}

function replyPath(forwarding: Place['forwarding'], server: string, director: string, { vip, port }: Flow): string {
  switch (forwarding) {
    case 'nat':
      return `${server} answers by way of ${director}, its gateway to the client, which makes ${endpoint(vip, port)} the source again`;
    case 'dr':
      return `${server} has the VIP itself and answers the client without ${director}`;
    case 'tun':
      return `${server} takes the packet out of the tunnel, has the VIP itself and answers the client without ${director}`;
    case 'local':
      return `${director} answers itself`;
  }
}

/** `rs2 10.10.10.20:80`. */
export function placeName({ destination, realServer }: Place): string {
  return realServer === undefined ? destination : `${realServer} ${destination}`;
}

export function placeNames(places: readonly Place[]): string {
  return places.map(placeName).join(', ');
}

/** The destination an entry or a template leads to. A port 0 stands for that of each packet. Undefined: no longer there. */
export function destinationAt(
  destinations: readonly ListedDestination[],
  place: PlaceOf,
  led: string,
): ListedDestination | undefined {
  const exact = destinations.find((one) => place(one).destination === led || endpoint(one.address, one.port) === led);
  if (exact !== undefined) return exact;
  if (!led.endsWith(':0')) return undefined;
  return destinations.find(({ address }) => endpoint(address, 0) === led);
}
