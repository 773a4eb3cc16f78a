/** Multicast groups that interfaces have joined. */
import ipaddr from 'ipaddr.js';
import type { MulticastMembership } from '../model/facts.ts';
import { ParseError } from './parse-error.ts';

/** A line for each interface, then one for each of its groups; addresses are in the host's byte order (net/ipv4/igmp.c). */
export function parseIgmp(text: string): readonly MulticastMembership[] {
  let name: string | undefined;
  return text.split('\n').flatMap((line): readonly MulticastMembership[] => {
    if (line.trim() === '' || line.startsWith('Idx')) return [];
    const device = /^\d+\s+(\S+?)\s*:/.exec(line)?.[1];
    if (device !== undefined) {
      name = device;
      return [];
    }
    const hex = /^\s+([0-9A-F]{8})\s/.exec(line)?.[1];
    if (hex === undefined || name === undefined) throw new ParseError('/proc/net/igmp', line);
    const bytes = (hex.match(/../g) ?? []).map((byte) => parseInt(byte, 16));
    return [{ interface: name, group: bytes.toReversed().join('.') }];
  });
}

/** `INDEX NAME GROUP USERS …` (net/ipv6/mcast.c). */
export function parseIgmp6(text: string): readonly MulticastMembership[] {
  return text.split('\n').flatMap((line): readonly MulticastMembership[] => {
    if (line.trim() === '') return [];
    const [, name, hex] = /^\d+\s+(\S+)\s+([0-9a-f]{32})\s/.exec(line) ?? [];
    if (name === undefined || hex === undefined) throw new ParseError('/proc/net/igmp6', line);
    const bytes = (hex.match(/../g) ?? []).map((byte) => parseInt(byte, 16));
    return [{ interface: name, group: ipaddr.fromByteArray(bytes).toString() }];
  });
}
