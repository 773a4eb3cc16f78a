import type { Cluster, ClusterHost, RealServer } from '../model/cluster.ts';
import { hostsOf, sourcesOf } from '../model/cluster.ts';
import { nobodysAddress } from '../model/endpoint.ts';
import type { HostFactName } from '../model/facts.ts';
import type { Tier } from '../model/tier.ts';
import { modulesFor, sysctlKeys, unitsFor } from './question-lists.ts';
import { type CensusQuestion, censusQuestions, type RootScope, rootScope } from '../privileges/index.ts';

/** What one host is asked for, worked out from the cluster before any host is touched. */
export interface FactQuestions {
  readonly facts: readonly HostFactName[];
  /** Destinations whose route the kernel decides; `from` names the source where the answer depends on it. */
  readonly routesTo: readonly { readonly destination: string; readonly from?: string }[];
  /** Pages the host fetches itself. */
  readonly httpGets: readonly { readonly url: string; readonly hostHeader?: string; readonly timeoutMs: number }[];
  /** Keys as in sysctl(8); `*` stands for every interface. */
  readonly sysctlKeys: readonly string[];
  /** Short names of IPVS schedulers. */
  readonly schedulers: readonly string[];
  /** Names of kernel modules that may be built in, which /proc/modules does not tell. */
  readonly modules: readonly string[];
  /** With their suffix. */
  readonly units: readonly string[];
  /** What the cluster file says the host has on its interfaces. */
  readonly ownAddresses: readonly string[];
  readonly names: readonly { readonly name: string; readonly server?: string }[];
  /** Names and addresses of the other hosts, looked for in ssh trust. */
  readonly peers: readonly string[];
  /** Whether sudo may be tried. Default: `sudo`. */
  readonly become?: 'sudo' | 'none';
  /** By what it is settled which programs ipvet runs as root there; `tiers` are those of the run at hand. */
  readonly root: RootScope & { readonly tiers: readonly Tier[] };
  /** VIPs about which the host asks its neighbours. */
  readonly census?: readonly CensusQuestion[];
}

const pageTimeoutMs = 3000;

/**
 * What the planned checks need to know of one host, by its role: a director reaches the real servers and the clients, and
 * fetches each real server's health page; a real server replies to the clients, and fetches its own page, also by a VIP it has; a client
 * reaches the VIPs.
 */
export function questionsFor(
  cluster: Cluster,
  host: ClusterHost,
  facts: readonly HostFactName[],
  tiers: readonly Tier[] = ['read'],
): FactQuestions {
  const schedulers = unique(cluster.virtualServices.map(({ scheduler }) => scheduler));
  return {
    facts: [...new Set(facts)],
    routesTo: waysOf(cluster, host),
    httpGets: unique(pagesOf(cluster, host)).map((url) => ({ url, timeoutMs: pageTimeoutMs })),
    sysctlKeys: sysctlKeys[host.role],
    schedulers: host.role === 'director' ? schedulers : [],
    modules: modulesFor(host.role, schedulers),
    units: unitsFor(host.role),
    ownAddresses: ownAddresses(cluster, host),
    names: namesFor(cluster, host),
    peers: unique(hostsOf(cluster).flatMap((other) => (other.name === host.name ? [] : namesOf(other)))),
    become: cluster.ssh.become,
    root: { ...rootScope(cluster, host), tiers },
    census: censusQuestions(cluster, host),
  };
}

/** Clients ask the server that is declared. What the others know of a name is what their own resolver and files say. */
function namesFor({ dns }: Cluster, { role }: ClusterHost): FactQuestions['names'] {
  if (role !== 'client') return unique(dns.map(({ name }) => name)).map((name) => ({ name }));
  return dns.map(({ name, server }) => ({ name, ...(server === undefined ? {} : { server }) }));
}

function ownAddresses(cluster: Cluster, host: ClusterHost): readonly string[] {
  const vips = cluster.virtualServices.map(({ vip }) => vip);
  switch (host.role) {
    case 'director':
      return unique([host.dip, ...vips]);
    case 'real-server':
      return [host.rip];
    case 'client':
      return [host.cip];
  }
}

/**
 * A director's way to the VIPs tells whether they are its own. A real server answers from the VIP with DR and TUN, else
 * from the RIP: rules may choose the way by the source.
 */
function waysOf(cluster: Cluster, host: ClusterHost): FactQuestions['routesTo'] {
  const clients = cluster.clients.flatMap(sourcesOf);
  const vips = cluster.virtualServices.map(({ vip }) => vip);
  const to = (destinations: readonly string[]) => unique(destinations).map((destination) => ({ destination }));
  switch (host.role) {
    case 'director':
      return to([...cluster.realServers.map(({ rip }) => rip), ...clients, ...vips]);
    case 'real-server': {
      const direct = cluster.virtualServices.filter(({ forwarding }) => forwarding !== 'nat').map(({ vip }) => vip);
      const sources = unique([host.rip, ...direct]);
      return [
        ...to([...clients, ...cluster.directors.map(({ dip }) => dip), ...direct]),
        ...sources.flatMap((from) =>
          unique(clients.filter((cip) => cip.includes(':') === from.includes(':'))).map((destination) => ({
            destination,
            from,
          })),
        ),
        ...(cluster.virtualServices.some(({ forwarding }) => forwarding === 'nat')
          ? [{ destination: nobodysAddress(host.rip), from: host.rip }]
          : []),
      ];
    }
    case 'client':
      return to(vips);
  }
}

function pagesOf(cluster: Cluster, host: ClusterHost): readonly string[] {
  if (host.role === 'client') return [];
  const asks = (realServer: RealServer): boolean => host.role === 'director' || realServer.name === host.name;
  return cluster.virtualServices
    .filter(({ protocol }) => protocol === 'tcp')
    .flatMap(({ destinations, health, forwarding, vip, port: virtualPort }) => {
      const asked = destinations.filter(({ realServer }) => asks(realServer));
      const own = asked.map(({ realServer, port }) => pageUrl(realServer.rip, port, health.httpPath));
      // With DR and TUN the page is served on the VIP, which on a real server is its own.
      const asClient = host.role === 'real-server' && forwarding !== 'nat' && asked.length > 0;
      return asClient ? [...own, pageUrl(vip, virtualPort, health.httpPath)] : own;
    });
}

function pageUrl(address: string, port: number, path: string): string {
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}${path}`;
}

function namesOf(host: ClusterHost): readonly string[] {
  const address = host.role === 'director' ? host.dip : host.role === 'real-server' ? host.rip : host.cip;
  return host.host === 'localhost' ? [host.name, address] : [host.name, host.host, address];
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
