/** Where a real server receives a service's packets, and how it names itself in an answer. */
import { sameAddress } from './address.ts';
import type { Destination, Identification, VirtualService } from '../lib/model/cluster.ts';
import type { HttpProbe, Listener } from '../lib/model/facts.ts';
import { bareAddress, isWildcard } from '../lib/model/listener.ts';

export interface ServerEnd {
  readonly address: string;
  readonly port: number;
}

/** NAT rewrites address and port to the real server's own; DR and TUN deliver packets for the VIP as they came. */
export function serverEnd(service: VirtualService, destination: Destination): ServerEnd {
  return service.forwarding === 'nat'
    ? { address: destination.realServer.rip, port: destination.port }
    : { address: service.vip, port: service.port };
}

/** Whether a socket takes what comes for the address. */
export function takes(listener: Pick<Listener, 'address'>, wanted: string): boolean {
  return isWildcard(listener) || sameAddress(bareAddress(listener), wanted);
}

/** The GET of a destination's own address and port; undefined when nobody made one. */
export function probeOf(probes: readonly HttpProbe[], { realServer, port }: Destination): HttpProbe | undefined {
  return probeAt(probes, realServer.rip, port);
}

export function probeAt(probes: readonly HttpProbe[], address: string, port: number): HttpProbe | undefined {
  return probes.find((probe) => {
    if (!URL.canParse(probe.url)) return false;
    const url = new URL(probe.url);
    const probedPort = url.port === '' ? 80 : Number(url.port);
    return probedPort === port && sameAddress(url.hostname.replace(/^\[|\]$/g, ''), address);
  });
}

/** `answered 200`, `timeout`. */
export function probeText(probe: HttpProbe): string {
  return probe.outcome === 'answered' ? `answered ${probe.status ?? 'without a status'}` : probe.outcome;
}

const fates: Readonly<Record<Exclude<HttpProbe['outcome'], 'answered'>, string>> = {
  refused: 'refused',
  timeout: 'did not answer in time',
  unreachable: 'cannot be reached',
  failed: 'broke off',
};

/** After a name: `answered 503`, `did not answer in time`. */
export function probeWords(probe: HttpProbe): string {
  return probe.outcome === 'answered' ? probeText(probe) : fates[probe.outcome];
}

export type SelfName =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'unnamed' }
  /** The cluster file does not say how an answer names its real server. */
  | { readonly kind: 'not-asked' }
  | { readonly kind: 'unreadable'; readonly message: string };

export function selfName(probe: HttpProbe, identifyBy: Identification): SelfName {
  if (identifyBy.kind === 'none' || identifyBy.kind === 'certificate') return { kind: 'not-asked' };
  if (identifyBy.kind === 'header') {
    const name = probe.headers?.[identifyBy.name.toLowerCase()]?.trim();
    return name === undefined || name === '' ? { kind: 'unnamed' } : { kind: 'named', name };
  }
  try {
    const match = new RegExp(identifyBy.pattern).exec(probe.body ?? '');
    const name = (match?.[1] ?? match?.[0])?.trim();
    return name === undefined || name === '' ? { kind: 'unnamed' } : { kind: 'named', name };
  } catch (error) {
    return { kind: 'unreadable', message: error instanceof Error ? error.message : String(error) };
  }
}
