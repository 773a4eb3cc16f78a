/** Names that packet filters print for types of ICMP (icmp(7), RFC 792) and ICMPv6 (RFC 4443, 4861). */
import type { PacketMatch } from '../model/facts.ts';

type Types = NonNullable<PacketMatch['icmpTypes']>;

/** As nft(8) and ip(6)tables name them. */
const named: Readonly<Record<'icmp' | 'icmpv6', Readonly<Record<string, Types[number]>>>> = {
  icmp: {
    'echo-reply': [0],
    'destination-unreachable': [3],
    'network-unreachable': [3, 0],
    'host-unreachable': [3, 1],
    'protocol-unreachable': [3, 2],
    'port-unreachable': [3, 3],
    'fragmentation-needed': [3, 4],
    'source-quench': [4],
    redirect: [5],
    'echo-request': [8],
    'router-advertisement': [9],
    'router-solicitation': [10],
    'time-exceeded': [11],
    'parameter-problem': [12],
    'timestamp-request': [13],
    'timestamp-reply': [14],
    'info-request': [15],
    'info-reply': [16],
    'address-mask-request': [17],
    'address-mask-reply': [18],
  },
  icmpv6: {
    'destination-unreachable': [1],
    'packet-too-big': [2],
    'time-exceeded': [3],
    'parameter-problem': [4],
    'echo-request': [128],
    'echo-reply': [129],
    'mld-listener-query': [130],
    'mld-listener-report': [131],
    'mld-listener-done': [132],
    'mld-listener-reduction': [132],
    'nd-router-solicit': [133],
    'router-solicitation': [133],
    'nd-router-advert': [134],
    'router-advertisement': [134],
    'nd-neighbor-solicit': [135],
    'neighbour-solicitation': [135],
    'neighbor-solicitation': [135],
    'nd-neighbor-advert': [136],
    'neighbour-advertisement': [136],
    'neighbor-advertisement': [136],
    'nd-redirect': [137],
    redirect: [137],
    'router-renumbering': [138],
    'ind-neighbor-solicit': [141],
    'ind-neighbor-advert': [142],
    'mld2-listener-report': [143],
  },
};

/** A name, `3`, `3/4`. Undefined for a word that is none of them. */
export function icmpTypesOf(word: string, protocol: 'icmp' | 'icmpv6'): Types | undefined {
  const known = named[protocol];
  if (Object.hasOwn(known, word)) return [known[word] ?? [0]];
  const [, type, code] = /^(\d+)(?:\/(\d+))?$/.exec(word) ?? [];
  if (type === undefined) return undefined;
  return [code === undefined ? [Number(type)] : [Number(type), Number(code)]];
}

/** As nft(8) names them. */
const codes: Readonly<Record<'icmp' | 'icmpv6', Readonly<Record<string, number>>>> = {
  icmp: {
    'net-unreachable': 0,
    'host-unreachable': 1,
    'prot-unreachable': 2,
    'port-unreachable': 3,
    'frag-needed': 4,
    'net-prohibited': 9,
    'host-prohibited': 10,
    'admin-prohibited': 13,
  },
  icmpv6: {
    'no-route': 0,
    'admin-prohibited': 1,
    'addr-unreachable': 3,
    'port-unreachable': 4,
    'policy-fail': 5,
    'reject-route': 6,
  },
};

/** A code of whichever type. Undefined for a word that is none. */
export function icmpCodesOf(word: string, protocol: 'icmp' | 'icmpv6'): Types | undefined {
  const known = codes[protocol];
  const code = Object.hasOwn(known, word) ? known[word] : /^\d+$/.test(word) ? Number(word) : undefined;
  return code === undefined ? undefined : Array.from({ length: 256 }, (_, type) => [type, code] as const);
}
