/** The same few words for rules from three places: the cluster file, keepalived.conf, the kernel. Pure. */
import { isIPv6, SocketAddress } from 'node:net';
import type { Cluster, ForwardingMethod, Protocol, VirtualService } from '../model/cluster.ts';
import { endpoint } from '../model/endpoint.ts';
import type { IpvsRules, IpvsService } from '../model/facts.ts';
import { ruleKey, ruleOf, rulePort, serviceOptions, thresholdsOf } from '../model/service-rule.ts';

/**
 * Undefined in a field is "not managed" for the cluster file and "not known" for keepalived.conf, as when it has a
 * variable there: it equals everything.
 */
export interface ServiceView {
  /** `tcp 10.0.0.1:80`, `fwmark 7`, `fwmark 7 IPv6`. */
  readonly key: string;
  /** As the cluster file calls it. */
  readonly name?: string;
  readonly scheduler: string | undefined;
  readonly persistenceS: number | undefined;
  /** IPv4 mask or IPv6 prefix length of clients that count as one; `none`: each for itself. */
  readonly netmask: string | undefined;
  readonly engine: string | undefined;
  readonly onePacket: boolean | undefined;
  /** `sh-port`, `mh-fallback`, … in alphabetical order, with commas; `none`. */
  readonly flags: string | undefined;
  readonly realServers: readonly RealServerView[];
}

export interface RealServerView {
  /** `10.0.0.1:80`, `[fd00::1]:80`; port 0 where a firewall mark leaves ports as they are. */
  readonly place: string;
  /** The same place with the port that clients use, for a firewall mark. */
  readonly alias?: string;
  /** As the cluster file calls it. */
  readonly name?: string;
  readonly forwarding: ForwardingMethod | 'local' | undefined;
  readonly weight: number | undefined;
  /** Most connections at a time, and how few there must be for new ones after that; 0 is no limit. */
  readonly upperThreshold: number | undefined;
  readonly lowerThreshold: number | undefined;
}

/** Addresses are spelled as the kernel's tools do (RFC 5952), so that equal ones look equal. */
export function placeText(address: string, port: number): string {
  return endpoint(canonical(address), port);
}

/** As `ruleKey`, whatever way the address is written. */
export function serviceKey(protocol: Protocol, address: string, port: number): string {
  return ruleKey({ protocol, address: canonical(address), port, extra: [] });
}

export function markKey(fwmark: number, ipv6: boolean): string {
  return ruleKey({ protocol: 'fwmark', address: '', port: 0, fwmark, extra: ipv6 ? ['-6'] : [] });
}

export function samePlace(a: RealServerView, b: RealServerView): boolean {
  return a.place === b.place || a.place === b.alias || a.alias === b.place;
}

/** Whether both are known and not the same. */
export function differs<T>(a: T | undefined, b: T | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

export function declaredView(cluster: Pick<Cluster, 'virtualServices'>): readonly ServiceView[] {
  return cluster.virtualServices.map(declaredService);
}

export function declaredService(service: VirtualService): ServiceView {
  return {
    key: ruleKey(ruleOf(service)),
    name: service.name,
    scheduler: service.scheduler,
    persistenceS: service.persistenceS,
    netmask: service.persistenceNetmask === undefined ? undefined : netmaskOf(service.persistenceNetmask),
    engine: service.persistenceEngine,
    onePacket: service.onePacket,
    flags: service.schedulerFlags === undefined ? undefined : flagsOf(service.schedulerFlags),
    realServers: service.destinations.map((destination) => {
      const { realServer, port, weight, thresholds } = destination;
      const place = placeText(realServer.rip, rulePort(service, destination));
      const alias = placeText(realServer.rip, port);
      return {
        place,
        ...(alias === place ? {} : { alias }),
        name: realServer.name,
        forwarding: service.forwarding,
        weight,
        upperThreshold: thresholds?.upper,
        lowerThreshold: thresholds?.lower,
      };
    }),
  };
}

export function kernelView(rules: IpvsRules): readonly ServiceView[] {
  return rules.services.map(kernelService);
}

function kernelService(service: IpvsService): ServiceView {
  const { netmask, engine, onePacket, schedulerFlags } = serviceOptions(service.extra);
  return {
    key: ruleKey(service),
    scheduler: service.scheduler,
    persistenceS: service.persistenceS,
    netmask: netmaskOf(netmask),
    engine: engine ?? 'none',
    onePacket,
    flags: flagsOf(schedulerFlags),
    realServers: service.destinations.map((destination) => {
      const { upper, lower } = thresholdsOf(destination);
      return {
        place: placeText(destination.address, destination.port),
        forwarding: destination.forwarding,
        weight: destination.weight,
        upperThreshold: upper,
        lowerThreshold: lower,
      };
    }),
  };
}

export function netmaskOf(text: string | undefined): string {
  return text === undefined || text === '255.255.255.255' || text === '128' ? 'none' : text;
}

export function flagsOf(flags: readonly string[]): string {
  return flags.length === 0 ? 'none' : flags.toSorted().join(',');
}

function canonical(address: string): string {
  return isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : address;
}
