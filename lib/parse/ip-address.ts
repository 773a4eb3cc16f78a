/** Interfaces and their addresses, from `ip -j addr` or `ip -o addr` (iproute2; the fields are those of rtnetlink(7)). */
import type { InterfaceAddress } from '../model/facts.ts';
import { asObjects, numberAt, parseJson, stringAt } from './json.ts';
import { ParseError } from './parse-error.ts';

/** JSON of `ip -j addr`. An interface without addresses gives no row. Throws ParseError. */
export function parseIpAddressJson(text: string): readonly InterfaceAddress[] {
  const source = 'ip -j addr';
  // Some iproute2 5.x print `[{},{},…]` where a filter left an interface out; those have no addr_info.
  const links = asObjects(parseJson(text, source));
  if (links === undefined) throw new ParseError(source, text);
  return links.flatMap((link) => {
    const name = stringAt(link, 'ifname');
    const infos = asObjects(link['addr_info'] ?? []);
    if (infos === undefined) throw new ParseError(source, JSON.stringify(link));
    if (name === undefined || infos.length === 0) return [];
    const flags = link['flags'];
    const up = Array.isArray(flags) && flags.includes('UP');
    return infos.flatMap((info) => {
      const address = stringAt(info, 'local');
      const prefixLength = numberAt(info, 'prefixlen');
      const family = familyOf(stringAt(info, 'family'));
      if (family === undefined) return [];
      if (address === undefined || prefixLength === undefined) throw new ParseError(source, JSON.stringify(info));
      const scope = stringAt(info, 'scope');
      return [
        {
          interface: name,
          family,
          address,
          prefixLength,
          up,
          ...(scope === undefined ? {} : { scope }),
          ...flagsOf((word) => info[word] === true),
        },
      ];
    });
  });
}

/**
 * Text of `ip -o link; ip -o addr`, for an iproute2 without JSON and for busybox. Lines of `ip -o link` say which
 * interfaces are up; without them an interface that has addresses counts as up.
 */
export function parseIpAddressText(text: string): readonly InterfaceAddress[] {
  const source = 'ip -o addr';
  const downLinks = new Set<string>();
  const addresses: InterfaceAddress[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const link = /^\d+: ([^:@\s]+)(?:@\S+)?: <([^>]*)>/.exec(line);
    if (link?.[1] !== undefined) {
      if (link[2]?.split(',').includes('UP') !== true) downLinks.add(link[1]);
      continue;
    }
    const row = /^\d+:\s+(\S+)\s+(inet6?)\s+([0-9a-fA-F.:]+)(?: peer \S+?)?(?:\/(\d+))?(?:\s|$)/.exec(line);
    const [, name, word, address, prefix] = row ?? [];
    const family = familyOf(word);
    if (name === undefined || family === undefined || address === undefined) throw new ParseError(source, line);
    // iproute2 leaves the prefix out when it is the whole address; with a peer it is the peer's.
    const peerPrefix = / peer \S+?\/(\d+)/.exec(line)?.[1];
    const prefixLength = Number(prefix ?? peerPrefix ?? (family === 'ipv4' ? 32 : 128));
    const words = (line.split('\\')[0] ?? line).split(/\s+/);
    const scope = words[words.indexOf('scope') + 1];
    addresses.push({
      interface: name,
      family,
      address,
      prefixLength,
      up: true,
      ...(words.includes('scope') && scope !== undefined ? { scope } : {}),
      ...flagsOf((flag) => words.slice(words.indexOf('scope')).includes(flag)),
    });
  }
  return addresses.map((row) => ({ ...row, up: !downLinks.has(row.interface) }));
}

const flagWords = ['tentative', 'dadfailed', 'deprecated', 'secondary'] as const;

/** `has` tells whether the tool names a flag; of an address without any there is no list. */
function flagsOf(has: (flag: string) => boolean): Pick<InterfaceAddress, 'flags'> {
  const flags = flagWords.filter(has);
  return flags.length === 0 ? {} : { flags };
}

function familyOf(word: string | undefined): InterfaceAddress['family'] | undefined {
  if (word === 'inet') return 'ipv4';
  if (word === 'inet6') return 'ipv6';
  return undefined;
}
