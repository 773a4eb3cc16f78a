/** Links and neighbours of the kernel, in the words of the model: rtnetlink(7), linux/if_link.h, linux/neighbour.h. */
import ipaddr from 'ipaddr.js';

import type { Neighbour, NetworkLink } from '../model/facts.ts';

type Module = typeof import('node-netlink');
type Socket = ReturnType<Module['createRtNetlink']>;
type LinkMessage = Awaited<ReturnType<Socket['getLinks']>>[number];
type NeighbourMessage = Awaited<ReturnType<Socket['getNeighbors']>>[number];

/** IFLA_INFO_KIND and IFLA_INFO_DATA */
const infoKind = 1;
const infoData = 2;

/** Where the data of each kind of tunnel has its ends: IFLA_IPTUN_*, IFLA_GRE_*, IFLA_VTI_* (linux/if_tunnel.h). */
const iptunEnds = { local: 2, remote: 3 } as const;
const greEnds = { local: 6, remote: 7 } as const;
const vtiEnds = { local: 4, remote: 5 } as const;
const endsOf: Readonly<Record<string, { readonly local: number; readonly remote: number }>> = {
  ipip: iptunEnds,
  sit: iptunEnds,
  ip6tnl: iptunEnds,
  gre: greEnds,
  gretap: greEnds,
  ip6gre: greEnds,
  ip6gretap: greEnds,
  vti: vtiEnds,
  vti6: vtiEnds,
};

export function linkOf(
  { data, attrs }: LinkMessage,
  nameOf: (index: number) => string | undefined,
): readonly NetworkLink[] {
  const { ifname: name, mtu, address, master } = attrs;
  if (name === undefined || mtu === undefined) return [];
  const info = attributesOf(attrs.linkinfo);
  const kind = info.get(infoKind)?.toString('latin1').replace(/\0.*$/s, '');
  const ends = kind === undefined ? undefined : endsOf[kind];
  const details = attributesOf(info.get(infoData));
  const above = master === undefined ? undefined : nameOf(master);
  return [
    {
      name,
      ...(address !== undefined && address.length >= 6 && address.some((byte) => byte !== 0) && ends === undefined
        ? { mac: macText(address) }
        : {}),
      mtu,
      up: data.flags?.up === true,
      noArp: data.flags?.noarp === true,
      ...(kind === undefined ? {} : { kind }),
      ...(above === undefined ? {} : { master: above }),
      ...(ends === undefined
        ? {}
        : { tunnel: { ...end('local', details.get(ends.local)), ...end('remote', details.get(ends.remote)) } }),
    },
  ];
}

const states = ['incomplete', 'reachable', 'stale', 'delay', 'probe', 'failed', 'permanent'] as const;

/** As ip(8) lists them: without those nobody needs to ask for (NUD_NOARP), and those that were never asked for. */
export function neighbourOf(
  { data, attrs }: NeighbourMessage,
  nameOf: (index: number) => string | undefined,
): readonly Neighbour[] {
  const name = data.ifindex === undefined ? undefined : nameOf(data.ifindex);
  const state = states.find((each) => data.state?.[each] === true);
  const { dst, lladdr } = attrs;
  if (name === undefined || state === undefined || (dst?.length !== 4 && dst?.length !== 16)) return [];
  return [
    {
      address: ipaddr.fromByteArray([...dst]).toString(),
      interface: name,
      ...(lladdr?.length === 6 ? { mac: macText(lladdr) } : {}),
      state,
    },
  ];
}

/** Type → payload of a list of attributes (netlink(7)): length and type of 16 bits each, padded to 4 bytes. */
function attributesOf(bytes: Buffer | undefined): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0; bytes !== undefined && at + 4 <= bytes.length;) {
    const length = bytes.readUInt16LE(at);
    if (length < 4) break;
    // The two highest bits are flags.
    found.set(bytes.readUInt16LE(at + 2) & 0x3fff, bytes.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return found;
}

function end<K extends 'local' | 'remote'>(key: K, bytes: Buffer | undefined): Partial<Record<K, string>> {
  if ((bytes?.length !== 4 && bytes?.length !== 16) || bytes.every((byte) => byte === 0)) return {};
  return { [key]: ipaddr.fromByteArray([...bytes]).toString() } as Record<K, string>;
}

function macText(bytes: Buffer): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
