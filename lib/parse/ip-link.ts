/** Interfaces, from `ip -d -j addr` (or link) or `ip -o -d link` (iproute2; the fields are those of rtnetlink(7)). */
import type { NetworkLink } from '../model/facts.ts';
import { asObjects, isObject, type JsonObject, numberAt, parseJson, stringAt } from './json.ts';
import { ParseError } from './parse-error.ts';

/** Kinds whose ends `tunnel` tells. */
const tunnelKinds = new Set(['ipip', 'sit', 'ip6tnl', 'gre', 'gretap', 'ip6gre', 'ip6gretap', 'vti', 'vti6']);

/** Link layer (`link/ipip`) of those tunnels that have one of their own: what is left where the kind is not told. */
const kindOfLayer: Readonly<Record<string, string>> = { ipip: 'ipip', sit: 'sit', tunnel6: 'ip6tnl', gre: 'gre' };

/** JSON of `ip -d -j link` or `ip -d -j addr`. Throws ParseError. */
export function parseIpLinkJson(text: string): readonly NetworkLink[] {
  const source = 'ip -j link';
  const links = asObjects(parseJson(text, source));
  if (links === undefined) throw new ParseError(source, text);
  return links.flatMap((link): readonly NetworkLink[] => {
    const name = stringAt(link, 'ifname');
    // Some iproute2 5.x print `{}` where a filter left an interface out.
    if (name === undefined) return [];
    const flags = link['flags'];
    const mtu = numberAt(link, 'mtu');
    if (!Array.isArray(flags) || mtu === undefined) throw new ParseError(source, JSON.stringify(link));
    const info = isObject(link['linkinfo']) ? link['linkinfo'] : {};
    const data = isObject(info['info_data']) ? info['info_data'] : {};
    return [
      linkOf({
        name,
        mtu,
        flags,
        layer: stringAt(link, 'link_type'),
        address: stringAt(link, 'address'),
        kind: stringAt(info, 'info_kind'),
        master: stringAt(link, 'master'),
        local: endOf(data, 'local'),
        remote: endOf(data, 'remote'),
      }),
    ];
  });
}

/** Lines of `ip -o -d link`, or `ip -o link` where -d is not known (busybox); of other lines, such as addresses, nothing. */
export function parseIpLinkText(text: string): readonly NetworkLink[] {
  const lines = text.split('\n').filter((line) => /^\d+: [^\s]+: </.test(line));
  if (lines.length === 0) throw new ParseError('ip -o link', text);
  return lines.map((line) => {
    const [head = '', ...parts] = line.split('\\').map((part) => part.trim());
    const [, name, flags] = /^\d+: ([^:@\s]+)(?:@\S+)?: <([^>]*)>/.exec(head) ?? [];
    const mtu = Number(wordAfter(head, 'mtu'));
    if (name === undefined || flags === undefined || !Number.isInteger(mtu)) throw new ParseError('ip -o link', line);
    const [, layer, address] = /^link\/(\S+)(?: (\S+))?/.exec(parts[0] ?? '') ?? [];
    // `-d` puts the kind on a line of its own; so it does with what a bridge or bond says of its part.
    const detail = parts.slice(1).find((part) => /^[a-z]\w*( |$)/.test(part) && !notKinds.test(part)) ?? '';
    return linkOf({
      name,
      mtu,
      flags: flags.split(','),
      layer,
      address,
      kind: detail === '' ? undefined : detail.split(' ')[0],
      master: wordAfter(head, 'master'),
      local: wordAfter(detail, 'local'),
      remote: wordAfter(detail, 'remote'),
    });
  });
}

const notKinds = /^(\w+_slave|alias|altname|vf|prog|promiscuity|addrgenmode|numtxqueues|RX|TX)\b/;

interface Raw {
  readonly name: string;
  readonly mtu: number;
  readonly flags: readonly unknown[];
  readonly layer: string | undefined;
  readonly address: string | undefined;
  readonly kind: string | undefined;
  readonly master: string | undefined;
  readonly local: string | undefined;
  readonly remote: string | undefined;
}

function linkOf({ name, mtu, flags, layer = '', address, master, local, remote, ...raw }: Raw): NetworkLink {
  const kind = raw.kind ?? kindOfLayer[layer];
  return {
    name,
    ...(address !== undefined && isMac(address) ? { mac: address.toLowerCase() } : {}),
    mtu,
    up: flags.includes('UP'),
    noArp: flags.includes('NOARP'),
    ...(kind === undefined ? {} : { kind }),
    ...(master === undefined ? {} : { master }),
    ...(kind !== undefined && tunnelKinds.has(kind)
      ? { tunnel: { ...endNamed('local', local), ...endNamed('remote', remote) } }
      : {}),
  };
}

/** A tunnel has an IP address in this place, and lo zeros. */
function isMac(address: string): boolean {
  return /^[0-9a-f]{2}(:[0-9a-f]{2})+$/i.test(address) && /[1-9a-f]/i.test(address);
}

function endNamed<K extends 'local' | 'remote'>(key: K, end: string | undefined): Partial<Record<K, string>> {
  const isAny = end === undefined || end === 'any' || end === '0.0.0.0' || end === '::';
  return isAny ? {} : ({ [key]: end } as Record<K, string>);
}

function endOf(data: JsonObject, key: string): string | undefined {
  return stringAt(data, key) ?? stringAt(data, `${key}6`);
}

function wordAfter(text: string, word: string): string | undefined {
  const words = text.split(/\s+/);
  const at = words.indexOf(word);
  return at < 0 ? undefined : words[at + 1];
}
