/** Links, addresses, neighbours and route decisions of the network namespace this process is in, asked of the kernel: rtnetlink(7). */
import { createRequire } from 'node:module';

import ipaddr from 'ipaddr.js';

import { IpvetError } from '../errors.ts';
import type { InterfaceAddress, Neighbour, NetworkLink, RouteDecision } from '../model/facts.ts';
import { withLocalSources } from '../parse/ip-route.ts';
import { linkOf, neighbourOf } from './links.ts';

/** linux/socket.h */
const AF_INET = 2;
const AF_INET6 = 10;
/** linux/in_route.h */
const RTCF_REDIRECTED = 0x00040000;
const timeoutMs = 3000;

export interface RouteQuestion {
  readonly destination: string;
  readonly from?: string;
}

type Module = typeof import('node-netlink');
type Socket = ReturnType<Module['createRtNetlink']>;

export interface NetworkView {
  readonly links: readonly NetworkLink[];
  readonly addresses: readonly InterfaceAddress[];
  readonly neighbours: readonly Neighbour[];
  readonly routes: readonly RouteDecision[];
}

/** Throws EXEC_FAILED where there is no netlink: another system than Linux, or no native part for this processor. */
export async function readNetwork(destinations: readonly RouteQuestion[]): Promise<NetworkView> {
  const socket = open();
  try {
    const links = await socket.getLinks({}, {}, { timeout: timeoutMs });
    const names = new Map(
      links.map(({ data, attrs }) => [data.index, { name: attrs.ifname, up: data.flags?.up === true }]),
    );
    const nameOf = (index: number): string | undefined => names.get(index)?.name;
    const addresses = await socket.getAddresses({}, {}, { timeout: timeoutMs });
    const neighbours = await socket.getNeighbors({}, {}, { timeout: timeoutMs });
    const sources = [...new Set(destinations.flatMap(({ from }) => from ?? []))];
    const [routes, ways] = await Promise.all([
      Promise.all(destinations.map((question) => decide(socket, question, nameOf))),
      Promise.all(sources.map((destination) => decide(socket, { destination }, nameOf))),
    ]);
    const local = new Set(ways.flatMap(({ destination, outcome }) => (outcome === 'local' ? destination : [])));
    return {
      links: links.flatMap((link) => linkOf(link, nameOf)),
      addresses: addresses.flatMap(({ data, attrs }): readonly InterfaceAddress[] => {
        const link = names.get(data.index);
        // On a point-to-point link `address` is the other end's (linux/if_addr.h).
        const bytes = attrs.local ?? attrs.address;
        if (link?.name === undefined || bytes === undefined || data.prefixlen === undefined) return [];
        const family = data.family === AF_INET ? 'ipv4' : 'ipv6';
        const scope = data.scope === undefined ? undefined : scopes[data.scope];
        const set = attrs.flags ?? data.flags;
        // IFA_F_SECONDARY says of an IPv6 address that it is temporary.
        const flags = flagNames.filter((flag) => set?.[flag] === true && (flag !== 'secondary' || family === 'ipv4'));
        return [
          {
            interface: link.name,
            family,
            address: textOf(bytes),
            prefixLength: data.prefixlen,
            up: link.up,
            ...(scope === undefined ? {} : { scope }),
            ...(flags.length === 0 ? {} : { flags }),
          },
        ];
      }),
      neighbours: neighbours.flatMap((row) => neighbourOf(row, nameOf)),
      routes: withLocalSources(routes, (source) => local.has(source)),
    };
  } finally {
    socket.socket.close();
  }
}

/** rt_scope_t (linux/rtnetlink.h), as ip(8) writes it. */
const scopes: Readonly<Record<number, string>> = { 0: 'global', 200: 'site', 253: 'link', 254: 'host', 255: 'nowhere' };
const flagNames = ['tentative', 'dadfailed', 'deprecated', 'secondary'] as const;

function open(): Socket {
  if (process.platform !== 'linux') {
    throw new IpvetError(
      'EXEC_FAILED',
      `Links and routes of this machine cannot be read: it runs ${process.platform}.`,
      {
        hint: 'Run ipvet on Linux, or name a client that is reached over ssh.',
      },
    );
  }
  try {
    // `import` would first have node read the whole package for the names it exports.
    const { createRtNetlink } = createRequire(import.meta.url)('node-netlink') as Module;
    return createRtNetlink();
  } catch (cause) {
    throw new IpvetError('EXEC_FAILED', `The netlink module has no native part for ${process.arch}.`, {
      hint: 'Install a compiler and run npm rebuild netlink.',
      cause,
    });
  }
}

async function decide(
  socket: Socket,
  question: RouteQuestion,
  nameOf: (index: number) => string | undefined,
): Promise<RouteDecision> {
  const { destination, from } = question;
  const dst = bytesOf(destination);
  const bits = dst.length * 8;
  const src = from === undefined ? undefined : bytesOf(from);
  try {
    const [answer] = await socket.getRoute(
      { family: dst.length === 4 ? AF_INET : AF_INET6, dstLen: bits, srcLen: src === undefined ? 0 : bits },
      { dst, ...(src === undefined ? {} : { src }) },
      { timeout: timeoutMs },
    );
    if (answer === undefined) throw new Error('the kernel gave no route and no error');
    const { gateway, oif, prefsrc, metrics } = answer.attrs;
    const { flags, protocol } = answer.data;
    const redirected = protocol === 'REDIRECT' || ((flags?.__unknown ?? 0) & RTCF_REDIRECTED) !== 0;
    const device = oif === undefined ? undefined : nameOf(oif);
    return {
      ...question,
      outcome: outcomeOfType(answer.data.type),
      ...(gateway === undefined ? {} : { gateway: textOf(gateway) }),
      ...(device === undefined ? {} : { interface: device }),
      ...(prefsrc === undefined ? {} : { source: textOf(prefsrc) }),
      ...(metrics?.mtu === undefined ? {} : { mtu: metrics.mtu.readUInt32LE() }),
      ...(metrics?.advmss === undefined ? {} : { advmss: metrics.advmss.readUInt32LE() }),
      ...(redirected ? { redirected } : {}),
    };
  } catch (error) {
    const outcome = outcomeOfError(error);
    if (outcome !== undefined) return { ...question, outcome };
    throw new IpvetError('EXEC_FAILED', `The kernel did not say how a packet to ${destination} would leave.`, {
      cause: error,
    });
  }
}

function outcomeOfType(type: string | number | undefined): RouteDecision['outcome'] {
  switch (type) {
    case 'LOCAL':
      return 'local';
    case 'UNREACHABLE':
      return 'unreachable';
    case 'BLACKHOLE':
      return 'blackhole';
    case 'PROHIBIT':
      return 'prohibit';
    default:
      return 'unicast';
  }
}

/** net/ipv4/fib_semantics.c, fib_props: the error each route type answers with. */
function outcomeOfError(error: unknown): RouteDecision['outcome'] | undefined {
  const name = error instanceof Error ? /\bE[A-Z]+\b/.exec(error.message)?.[0] : undefined;
  switch (name) {
    // The last two where the kernel has no IPv6.
    case 'ENETUNREACH':
    case 'EOPNOTSUPP':
    case 'EAFNOSUPPORT':
      return 'no-route';
    case 'EHOSTUNREACH':
      return 'unreachable';
    case 'EACCES':
      return 'prohibit';
    case 'EINVAL':
      return 'blackhole';
    default:
      return undefined;
  }
}

function bytesOf(address: string): Buffer {
  return Buffer.from(ipaddr.parse(address).toByteArray());
}

function textOf(bytes: Uint8Array): string {
  return ipaddr.fromByteArray([...bytes]).toString();
}
