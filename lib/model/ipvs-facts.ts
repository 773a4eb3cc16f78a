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
