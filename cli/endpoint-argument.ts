/** `10.0.0.1`, `10.0.0.1:80`, `2001:db8::1`, `[2001:db8::1]:80` on the command line. */
import { isIPv4, isIPv6 } from 'node:net';

import { canonicalAddress, unusable } from '../lib/config/address.ts';
import { IpvetError } from '../lib/errors.ts';

export interface EndpointArgument {
  /** As the kernel prints it. */
  readonly address: string;
  readonly port?: number;
}

/** `what` is how the command calls the argument, `CIP[:PORT]`. Throws USAGE. */
export function endpointArgument(text: string, what: string): EndpointArgument {
  const [, bracketed, plain, portText] = /^(?:\[([^\]]*)\]|([^[\]]*?))(?::(\d*))?$/.exec(text) ?? [];
  // Without brackets every colon of an IPv6 address is its own.
  const [address, port] = isIPv6(text) ? [text, undefined] : [bracketed ?? plain, portText];
  if (address === undefined || !(bracketed === undefined ? isIPv4(address) || isIPv6(text) : isIPv6(address)))
    throw refused(text, what, 'it is no IP address', hint(text));
  const reason = unusable(address);
  if (reason !== undefined) throw refused(text, what, reason);
  if (port === undefined) return { address: canonicalAddress(address) };
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    throw refused(text, what, `ports go from 1 to 65535`);
  return { address: canonicalAddress(address), port: Number(port) };
}

/** With its port. Throws USAGE. */
export function serviceArgument(text: string, what: string): Required<EndpointArgument> {
  const { address, port } = endpointArgument(text, what);
  if (port === undefined) {
    const example = address.includes(':') ? `[${address}]:80` : `${address}:80`;
    throw refused(text, what, 'it has no port', `give it with one, as ${example}`);
  }
  return { address, port };
}

function refused(text: string, what: string, reason: string, more?: string): IpvetError {
  return new IpvetError(
    'USAGE',
    `${JSON.stringify(text)} is no ${what}: ${reason}`,
    more === undefined ? {} : { hint: more },
  );
}

function hint(text: string): string {
  return (text.match(/:/g) ?? []).length > 1
    ? 'an IPv6 address with a port is written as [2001:db8::1]:80'
    : 'give an address and not a name: the name may have several';
}
