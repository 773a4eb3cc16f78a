/**
 * Addresses as /proc/net/ip_vs_conn and /proc/net/ip_vs have them (linux: net/netfilter/ipvs/ip_vs_conn.c,
 * ip_vs_conn_seq_show): IPv4 as eight hex digits in reading order, IPv6 as eight groups of four, ports as four hex digits.
 */
import { ParseError } from './parse-error.ts';

/** `0A0A0A14` → `10.10.10.20`; `fd00:0000:…:0014` → `fd00::14`. Throws ParseError. */
export function addressFromTable(text: string): string {
  if (/^[0-9A-Fa-f]{8}$/.test(text)) {
    return [0, 2, 4, 6].map((at) => Number.parseInt(text.slice(at, at + 2), 16)).join('.');
  }
  if (/^([0-9A-Fa-f]{4}:){7}[0-9A-Fa-f]{4}$/.test(text)) return shortIpv6(text);
  throw new ParseError('/proc/net/ip_vs_conn', text);
}

/** The other way, in the letter case the kernel prints. Throws ParseError for text that is no address. */
export function addressInTable(address: string): string {
  const octets = address.split('.').map(Number);
  if (/^\d+(\.\d+){3}$/.test(address) && octets.every((octet) => octet <= 255)) {
    return octets.map((octet) => octet.toString(16).padStart(2, '0').toUpperCase()).join('');
  }
  const [head = '', tail] = shortIpv6(address).split('::');
  const groups = (part: string | undefined) => (part ?? '').split(':').filter((group) => group !== '');
  const before = groups(head);
  const after = groups(tail);
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(':');
}

export function portFromTable(text: string): number {
  if (!/^[0-9A-Fa-f]{4}$/.test(text)) throw new ParseError('/proc/net/ip_vs_conn', text);
  return Number.parseInt(text, 16);
}

export function portInTable(port: number): string {
  return port.toString(16).padStart(4, '0').toUpperCase();
}

/** `10.10.10.20:80`, `[fd00::14]:80`: how ipvsadm writes it. */
export function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The address as RFC 5952 has it, the IPv4 part of a mapped one in hex. */
function shortIpv6(address: string): string {
  try {
    return new URL(`http://[${address}]/`).hostname.slice(1, -1);
  } catch (cause) {
    throw new ParseError('an IP address', address, cause);
  }
}
