/**
 * The cluster as declared, with every default filled in. lib/config makes it from the cluster file; the file's own
 * shape (snake_case, everything optional spelled out) is `ClusterFile` in cluster-file.ts.
 */

import type { CheckSelection } from './custom-check.ts';

export type Environment = 'lab' | 'preprod' | 'production';
export type Protocol = 'tcp' | 'udp' | 'sctp';
/** Edges translate: `ipvsadm -m -g -i`, `/proc/net/ip_vs` `Masq Route Tunnel`. */
export type ForwardingMethod = 'nat' | 'dr' | 'tun';
export type HostRole = 'director' | 'real-server' | 'client';

export interface HostDeclaration {
  /** Unique in the cluster; every verdict, journal line and report calls the host by it. */
  readonly name: string;
  /** What to give ssh: an alias, a name or an address. `localhost` is this machine, without ssh. */
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
  /** Name of the host of this cluster to go through; ~/.ssh/config's ProxyJump applies when absent. */
  readonly jump?: string;
  /** Network namespace of this machine the host lives in; only with `host: localhost`, only on Linux. */
  readonly netns?: string;
}

export interface Director extends HostDeclaration {
  readonly role: 'director';
  /** The director's own address towards the real servers. */
  readonly dip: string;
  /** Interface that carries the DIP. */
  readonly interface: string;
  /** Interface that carries the VIP; the same as `interface` on a one-armed director. */
  readonly vipInterface: string;
  /** How its power is cut and comes back from outside, where the cluster file says. */
  readonly power?: PowerSwitch;
}

/** Programs of this machine with their arguments. */
export interface PowerSwitch {
  readonly off: readonly string[];
  readonly on: readonly string[];
}

export interface RealServer extends HostDeclaration {
  readonly role: 'real-server';
  readonly rip: string;
  /** Interface that carries the RIP, where the cluster file says. */
  readonly interface?: string;
  /** 0 quiesces: no new connections. */
  readonly weight: number;
  /** Of every destination on it that does not say otherwise. */
  readonly thresholds?: ConnectionThresholds;
}

/** Connections at once; 0 is no threshold. */
export interface ConnectionThresholds {
  /** With so many the destination gets no new ones. */
  readonly upper: number;
  /** With fewer than that it gets some again; 0 is three quarters of `upper`. */
  readonly lower: number;
}

export interface Client extends HostDeclaration {
  readonly role: 'client';
  /** Address the load comes from; the first of a pool. */
  readonly cip: string;
  /** All addresses of a pool, which are added for the load where the client does not have them. Absent: `cip` alone. */
  readonly pool?: readonly string[];
  /** Interface that carries the CIP, where the cluster file says; with a pool it does. */
  readonly interface?: string;
}

export type ClusterHost = Director | RealServer | Client;

/**
 * How a response names the real server that gave it; the first group of the pattern, or all of it, is the name.
 * `certificate`: the common name of the subject of the TLS certificate.
 */
export type Identification =
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'body'; readonly pattern: string }
  | { readonly kind: 'certificate' }
  | { readonly kind: 'none' };

/** The optional ones are not managed when absent: a live rule keeps what it has, a new one gets the kernel's default. */
export interface VirtualService {
  readonly name: string;
  /** Where clients connect, together with `port` and `protocol`; also what the rule says, unless it goes by `fwmark`. */
  readonly vip: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** The rule takes the packets that the director's packet filter gave this mark, of the address family of the VIP. */
  readonly fwmark?: number;
  readonly forwarding: ForwardingMethod;
  /** Kernel short name: rr, wrr, lc, … */
  readonly scheduler: string;
  /** Persistence timeout in seconds; 0 is none. */
  readonly persistenceS: number;
  /** Clients that count as one for persistence: an IPv4 mask (`255.255.255.0`) or an IPv6 prefix length (`64`). */
  readonly persistenceNetmask?: string;
  readonly persistenceEngine?: 'sip' | 'none';
  /** `sh-port`, `mh-fallback`, …; empty is none. */
  readonly schedulerFlags?: readonly string[];
  /** Each datagram is scheduled on its own, without a connection entry. */
  readonly onePacket?: boolean;
  /** Destinations, in the order declared. */
  readonly destinations: readonly Destination[];
  readonly health: { readonly httpPath: string; readonly expectStatus: number };
  readonly identifyBy: Identification;
  /** Absent is HTTP in the clear over TCP, and over UDP a line that comes back. */
  readonly exchange?: Exchange;
}

/** What a client says to the service and what it must hear. */
export interface Exchange {
  readonly protocol: ExchangeProtocol;
  /** With tcp, tls and udp. Absent over TCP: the handshake is the answer. Absent over UDP: a line of ours that must come back. */
  readonly send?: string;
  /** Regular expression over the response; over its body with http and https. */
  readonly expect?: string;
  /** TLS server name, and Host header. */
  readonly serverName?: string;
}

export type ExchangeProtocol = 'http' | 'https' | 'tcp' | 'tls' | 'udp';

export interface Destination {
  readonly realServer: RealServer;
  readonly port: number;
  readonly weight: number;
  /** Not managed when absent. */
  readonly thresholds?: ConnectionThresholds;
}

export interface DnsRecord {
  readonly name: string;
  readonly address: string;
  /** Name server that clients ask; their own resolver when absent, and for every other host. */
  readonly server?: string;
}

/** `ab`: a new connection per request; `keepalive`: many requests per connection. */
export type LoadMode = 'ab' | 'keepalive';

export interface LoadProfile {
  readonly name: string;
  readonly mode: LoadMode;
  /** ab's -n. */
  readonly requests: number;
  /** ab's -c. In an open loop the most at once: a request whose time has come waits for a place, and that wait is counted. */
  readonly concurrency: number;
  /** Threads that make connections; absent is 1. Mode `ab` only, as are the next two. */
  readonly threads?: number;
  /** Absent is 1. */
  readonly requestsPerConnection?: number;
  /** Absent is a closed loop. */
  readonly openLoop?: OpenLoop;
  /** ab's -s: longest wait for one connection, from connect to last byte. */
  readonly timeoutMs: number;
  /** Longest wait for the handshake alone; absent is `timeoutMs`. Mode `ab` only. */
  readonly connectTimeoutMs?: number;
  /** ab's -t: stop after this long; absent is no limit. */
  readonly timeLimitMs?: number;
  /** Stop once this many requests failed; what was left is reported as not sent. */
  readonly abortAfterFailures: number;
  /** From this long after its begin a single failure stops it: what fails has shown by then. Mode `ab` only; absent is never. */
  readonly failureEndsAfterMs?: number;
  readonly capacity?: CapacitySearch;
  /** Also a small load to each real server, around the director, to compare. */
  readonly control?: true;
  /** Path and headers in place of the service's own. */
  readonly request?: RequestChange;
  /** Rates and times are what the load is for. */
  readonly measured?: true;
}

/** Rates are tried one after the other: doubled until one does not hold, then between that one and the last that held. */
export interface CapacitySearch {
  readonly startRps: number;
  readonly ceilingRps: number;
  readonly stepMs: number;
  /** Bounds of a rate that holds: failed and late requests as shares of all, and the 99th percentile of the corrected latency. */
  readonly errorsRate: number;
  readonly lateRate: number;
  readonly latencyMs: number;
}

export interface RequestChange {
  readonly path?: string;
  /** `[name, value]`, as ab's -H adds them. */
  readonly headers: readonly (readonly [string, string])[];
}

/** Requests are begun at times of their own, whether earlier ones were answered or not. */
export interface OpenLoop {
  /** Times between requests: all the same, or exponentially distributed. */
  readonly arrivals: 'constant' | 'poisson';
  /** One after the other; never empty. */
  readonly stages: readonly LoadStage[];
}

/** The rate goes in a straight line from one to the other. */
export interface LoadStage {
  readonly fromRps: number;
  readonly toRps: number;
  readonly durationMs: number;
}

/** `metric` names one figure of the load result, such as `errors.rate` or `total.p99`. */
export interface Threshold {
  readonly load: string;
  readonly metric: string;
  /** Rates as fractions of 1, times in ms. */
  readonly max?: number;
  readonly min?: number;
  /** Ends the load as soon as it is crossed, so long after its beginning. */
  readonly abortAfterMs?: number;
}

export interface Waiver {
  readonly check: string;
  /** Empty is every host. */
  readonly hosts: readonly string[];
  readonly why: string;
  /** Who decided it. */
  readonly by?: string;
  /** Last day the waiver holds, as YYYY-MM-DD, UTC. */
  readonly expires?: string;
}

export interface SshDefaults {
  readonly user?: string;
  readonly become: 'sudo' | 'none';
  /** Connections that are made at the same time. */
  readonly parallel: number;
  /** OpenSSH client configuration to use in place of the user's own (ssh -F). Absolute. */
  readonly configFile?: string;
}

export interface Cluster {
  readonly name: string;
  readonly environment: Environment;
  /** Absolute path of the cluster file. */
  readonly file: string;
  readonly ssh: SshDefaults;
  readonly directors: readonly Director[];
  readonly realServers: readonly RealServer[];
  readonly clients: readonly Client[];
  readonly dns: readonly DnsRecord[];
  readonly virtualServices: readonly VirtualService[];
  readonly rules: { readonly managedBy: 'ipvsadm' | 'keepalived' | 'none' };
  /** How the directors stand in for each other, where the cluster file says. */
  readonly ha?: { readonly vrid?: number; readonly advertIntervalMs?: number };
  readonly loadProfiles: readonly LoadProfile[];
  readonly thresholds: readonly Threshold[];
  readonly waivers: readonly Waiver[];
  readonly checks: CheckSelection;
  /** The cluster file as it was read, before any default. Absent where the cluster was made in another way. */
  readonly declared?: unknown;
  /** Where the file declares its hosts and services, for pointing at them; absent for a cluster that was read from no file. */
  readonly lines?: DeclaredLines;
}

/** Every address that load comes from; connections take them in turn. */
export function sourcesOf({ cip, pool }: Pick<Client, 'cip' | 'pool'>): readonly string[] {
  return pool ?? [cip];
}

/** Every host of the cluster, directors first, then real servers, then clients. */
export function hostsOf(cluster: Cluster): readonly ClusterHost[] {
  return [...cluster.directors, ...cluster.realServers, ...cluster.clients];
}

/** Why no load can be sent through the service; undefined when it can. */
export function loadObstacle({ name, protocol, exchange }: VirtualService): string | undefined {
  if (protocol === 'sctp') return `${name} is sctp, and load goes over TCP and UDP`;
  if (protocol === 'udp' && exchange === undefined)
    return `${name} is udp, and its \`exchange\` does not say what to send`;
  return undefined;
}

/** 1-based lines of the cluster file, by name. */
export interface DeclaredLines {
  /** Path within its repository; its name alone where it is in none. */
  readonly file: string;
  readonly hosts: ReadonlyMap<string, number>;
  readonly services: ReadonlyMap<string, number>;
}
