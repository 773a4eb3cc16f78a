/** The addresses a client's load comes from, as the cluster file writes them: one, a range, or a list of both. */
import { isIPv4, isIPv6 } from 'node:net';

import { canonicalAddress, familyOf } from './address.ts';
import { canonical, entries, type LooseFile, mustBeUsable, type Report } from './rule.ts';

/** 256 addresses have 7 million ports; each is one command to add. */
export const mostSources = 256;

/** In order. Call with a pool that has no problems. */
export function addressesOf(cip: string | readonly string[]): readonly string[] {
  return (typeof cip === 'string' ? [cip] : cip).flatMap((text) => rangeOf(text) ?? []);
}

/** Addresses of a range, at most one more than `mostSources`; undefined where its ends do not make one. */
function rangeOf(text: string): readonly string[] | undefined {
  const [first = '', last = first] = text.split('-').map((part) => canonicalAddress(part.trim()));
  if (familyOf(first) !== familyOf(last)) return undefined;
  const [from, to] = [numberOf(first), numberOf(last)];
  if (to < from) return undefined;
  const count = Number(to - from < BigInt(mostSources) ? to - from : BigInt(mostSources)) + 1;
  return Array.from({ length: count }, (_, index) => addressOf(from + BigInt(index), familyOf(first)));
}

function numberOf(address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  // Written out: an IPv6 URL has no dotted quad, and `::` stands for as many groups as are left.
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

function addressOf(number: bigint, family: 'IPv4' | 'IPv6'): string {
  const [parts, bits] = family === 'IPv4' ? [4, 8n] : [8, 16n];
  const words = Array.from(
    { length: parts },
    (_, index) => (number >> (bits * BigInt(parts - 1 - index))) & ((1n << bits) - 1n),
  );
  return family === 'IPv4' ? words.join('.') : canonicalAddress(words.map((word) => word.toString(16)).join(':'));
}

export function poolRules(file: LooseFile, report: Report): void {
  const taken = new Map<string | undefined, string>([
    ...entries(file.directors, []).map(
      ({ entry }) => [canonical(entry.dip), `the DIP of ${entry.name ?? ''}`] as const,
    ),
    ...entries(file.real_servers, []).map(
      ({ entry }) => [canonical(entry.rip), `the RIP of ${entry.name ?? ''}`] as const,
    ),
    ...entries(file.virtual_services, []).map(
      ({ entry }) => [canonical(entry.vip), `the VIP of ${entry.name ?? ''}`] as const,
    ),
  ]);
  for (const { entry, path } of entries(file.clients, ['clients'])) {
    const { cip } = entry;
    if (cip === undefined) continue;
    const at = [...path, 'cip'];
    const parts =
      typeof cip === 'string'
        ? [{ text: cip, place: at }]
        : entries(cip, at).map((part) => ({ text: part.entry, place: part.path }));
    const all = parts.flatMap(({ text, place }) => {
      const range = rangeOf(text);
      if (range === undefined) report(place, `${text} is no range`, 'both ends are of one family, the lower one first');
      return (range ?? []).map((address) => ({ address, place }));
    });
    if (all.length > mostSources) {
      report(
        at,
        `a pool has ${mostSources} addresses at most`,
        'an address has 28,000 source ports, as Linux is set up',
      );
      continue;
    }
    for (const { address, place } of all) mustBeUsable(report, place, 'cip', address);
    const pool = all.map(({ address }) => address);
    const twice = all.find(({ address }, index) => pool.indexOf(address) < index);
    if (twice !== undefined) report(twice.place, `${twice.address} is in the pool twice`);
    if (pool.length <= 1) continue;
    const foreign = all.find(({ address }) => taken.has(address));
    if (foreign !== undefined)
      report(
        foreign.place,
        `${foreign.address} is ${taken.get(foreign.address) ?? ''}`,
        'addresses of a pool are added to the client',
      );
    if (pool.some((address) => isIPv6(address) !== isIPv6(pool[0] ?? '')))
      report(at, 'a pool has addresses of one family', 'give IPv4 and IPv6 a client each');
    if (entry.interface === undefined)
      report(
        path,
        'a client with a pool of addresses has no `interface`',
        'addresses that it does not have are added there for the load',
      );
    if ((entry.host ?? entry.name) !== 'localhost')
      report(
        [...path, 'host'],
        'load comes from this machine, and so does a pool of addresses',
        'set `host: localhost`, with `netns` where it has one',
      );
  }
}
