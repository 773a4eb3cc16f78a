/** What a director has of IPVS: support, rules, rules kept for the next boot, table. */
import type { ForwardingMethod, Protocol } from './cluster.ts';

/** Installed IPVS support on a director. */
export interface IpvsSupport {
  /** Version as `ipvsadm --version` prints it; absent when the tool is not installed. */
  readonly ipvsadm?: string;
  /** Whether the kernel has IPVS now (/proc/net/ip_vs exists). */
  readonly loaded: boolean;
  /** Whether modprobe could load it. Undefined when modprobe cannot say. */
  readonly loadable?: boolean;
  /** For each scheduler asked about: present now or loadable. */
  readonly schedulers: Readonly<Record<string, boolean>>;
}

/** The rules in the kernel, as `ipvsadm -Sn` and /proc/net/ip_vs give them. */
export interface IpvsRules {
  readonly services: readonly IpvsService[];
}

export interface IpvsService {
  /** fwmark services have a mark and neither address nor port. */
  readonly protocol: Protocol | 'fwmark';
  readonly address: string;
  readonly port: number;
  readonly fwmark?: number;
  readonly scheduler: string;
  readonly persistenceS: number;
  /** Words after the scheduler that the model has no field for (`--ops`, `--pe sip`, netmask), kept as they are. */
  readonly extra: readonly string[];
  readonly destinations: readonly IpvsDestination[];
}

export interface IpvsDestination {
  readonly address: string;
  readonly port: number;
  readonly forwarding: ForwardingMethod | 'local';
  readonly weight: number;
  readonly extra: readonly string[];
}

/**
 * A virtual service as /proc/net/ip_vs lists it, which anybody may read. It leaves out flags of the scheduler, persistence
 * engines and connection thresholds; those are in `IpvsRules`.
 */
export interface ListedService {
  readonly protocol: Protocol | 'fwmark';
  /** Empty for a mark, whose address family is not told. */
  readonly address: string;
  readonly port: number;
  readonly fwmark?: number;
  readonly scheduler: string;
  /** `ops`; told of IPv4 services alone. */
  readonly onePacket: boolean;
  readonly persistence?: ListedPersistence;
  /** As schedulers go through them: the latest that was added is the first. */
  readonly destinations: readonly ListedDestination[];
}

export interface ListedPersistence {
  /** In the kernel's own ticks, whose length it does not tell: `ipvsadm -Sn` has seconds. */
  readonly timeoutJiffies: number;
  /** The 32 bits printed: a mask, or the prefix length of an IPv6 service, of which a little-endian host turns the bytes round. */
  readonly netmask: number;
}

export interface ListedDestination {
  readonly address: string;
  /** 0 in a service by mark: packets keep theirs. */
  readonly port: number;
  readonly forwarding: ForwardingMethod | 'local';
  readonly weight: number;
  readonly active: number;
  readonly inactive: number;
}

/** IPVS rules that the next boot loads. */
export interface SavedRules {
  /** What the host has to keep them: Debian's or RHEL's ipvsadm.service, keepalived.conf, or nothing found. */
  readonly keeper: 'ipvsadm-debian' | 'ipvsadm-rhel' | 'keepalived' | 'none';
  readonly file?: string;
  /** Whether the next boot reads the file; undefined when that cannot be told. */
  readonly atBoot?: boolean;
  /** Why the next boot does not read it, or why that cannot be told. */
  readonly because?: string;
  readonly services: readonly IpvsService[];
  /** Why there may be more services than these: an include, a variable, a line that cannot be read. */
  readonly unsure?: string;
  /** What else loads or makes rules at the next boot. */
  readonly alsoAtBoot?: readonly string[];
}

/** Size and timers of the director's connection table. */
export interface IpvsTable {
  /** Hash buckets (`size=` of /proc/net/ip_vs). */
  readonly buckets: number;
  /** Entries now: active and inactive ones of all destinations. */
  readonly entries: number;
  /** `ipvsadm -L --timeout`, in s. */
  readonly timeoutsS?: { readonly tcp: number; readonly tcpFin: number; readonly udp: number };
}
