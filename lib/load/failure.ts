/** What a failed connection is called, from the error the system gave. */
import type { ConnectionErrorKind } from '../model/load-result.ts';

/** ICMP errors during the handshake arrive as these (linux: net/ipv4/icmp.c, icmp_err_convert); UNREACH covers 0 s and 3 s alike. */
const unreachable: ReadonlySet<string> = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOPROTOOPT',
  'EHOSTDOWN',
  'ENETDOWN',
]);

/** bind(2) to port 0 says EADDRINUSE when every ephemeral port of the source address is taken; connect(2) says EADDRNOTAVAIL. */
const noResource: ReadonlySet<string> = new Set([
  'EADDRNOTAVAIL',
  'EADDRINUSE',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
]);

export function errorKind(code: string | undefined, handshakeComplete: boolean): ConnectionErrorKind {
  if (code === undefined) return 'other';
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNABORTED') return 'reset';
  if (code === 'ETIMEDOUT') return handshakeComplete ? 'response-timeout' : 'connect-timeout';
  if (unreachable.has(code)) return 'unreachable';
  if (noResource.has(code)) return 'no-resource';
  return 'other';
}
