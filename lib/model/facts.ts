/**
 * What one host said about itself. A fact that could not be had is a `Missing` in its place, never an empty list.
 * The parsers in lib/parse make the values; lib/facts fetches the text they read.
 */
import type { Evidence } from './evidence.ts';
import type { Firewall } from './firewall-facts.ts';
import type {
  ConnectionSync,
  Keepalived,
  KeepalivedConf,
  KeepalivedJournal,
  KeepalivedTest,
  MulticastMembership,
} from './ha-facts.ts';
import type { IpvsRules, IpvsSupport, IpvsTable, SavedRules } from './ipvs-facts.ts';
import type { InterfaceAddress, Neighbour, NetworkLink, RouteDecision, VipCensus } from './network-facts.ts';
import type { Tier } from './tier.ts';

export type * from './firewall-facts.ts';
export type * from './ha-facts.ts';
export type * from './ipvs-facts.ts';
export type * from './network-facts.ts';

export type Fact<T> = Known<T> | Missing;

export interface Known<T> {
  readonly known: true;
  readonly value: T;
  readonly evidence: Evidence;
}

/** Why a fact is not there. `unreachable` and `permission` are the operator's to mend, `unparsable` is ours. */
export type MissingReason =
  | 'unreachable'
  | 'permission'
  | 'tool-absent'
  | 'unsupported'
  | 'command-failed'
  | 'deadline'
  | 'unparsable'
  | 'not-collected';

export interface Missing {
  readonly known: false;
  readonly reason: MissingReason;
  /** One sentence with host and cause. */
  readonly message: string;
  /** What to do next. */
  readonly hint?: string;
  readonly evidence?: Evidence;
}

export function known<T>(value: T, evidence: Evidence): Known<T> {
  return { known: true, value, evidence };
}

export function missing(
  reason: MissingReason,
  message: string,
  extra: Partial<Pick<Missing, 'hint' | 'evidence'>> = {},
): Missing {
  return { known: false, reason, message, ...extra };
}

/** A host's clock against this machine's. `offsetMs` is host minus runner; the true value lies within ± `errorMs`. */
export interface ClockReading {
  readonly offsetMs: number;
  readonly errorMs: number;
  /**
   * Service that keeps the time, as far as it can be told. `host-machine`: the clock is that of the machine a container
   * runs on, or one that VMware Tools or Xen set by it.
   */
  readonly source: 'chrony' | 'ntpd' | 'systemd-timesyncd' | 'host-machine' | 'none' | 'unknown';
  /** Whether that service says it is synchronised; undefined when it does not say. */
  readonly synchronised?: boolean;
}

/** One line of /etc/hosts, comments taken off. */
export interface HostsFileEntry {
  readonly address: string;
  readonly names: readonly string[];
}

/** Key as in sysctl(8), `net.ipv4.ip_forward`; a key the kernel does not have is absent. */
export type Sysctls = Readonly<Record<string, string>>;

/** The last assignment wins, as systemd-sysctl(8) reads them: the value the next boot gives, and the file it is in. */
export type PersistedSysctls = Readonly<Record<string, { readonly value: string; readonly file: string }>>;

export interface Selinux {
  readonly mode: 'enforcing' | 'permissive' | 'disabled' | 'absent';
}

/** A listening socket (`ss -ltun`). `address` is `*` for any. */
export interface Listener {
  /** TCP when absent. A UDP socket counts as listening when it is bound and not connected. */
  readonly protocol?: 'udp';
  readonly address: string;
  readonly port: number;
  /** Connections accepted by the kernel and not yet by the program (Recv-Q of a listening row). */
  readonly queued: number;
  /** Most that may wait (Send-Q of a listening row). */
  readonly backlog: number;
}

/** One HTTP GET made by the host itself. */
export interface HttpProbe {
  readonly url: string;
  readonly from: string;
  readonly outcome: 'answered' | 'refused' | 'timeout' | 'unreachable' | 'failed';
  readonly status?: number;
  /** Response headers, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Start of the body, capped at 4 KiB. */
  readonly body?: string;
  readonly connectMs?: number;
}

export interface UserLimits {
  /** Soft limit of open files of the user the load runs as (`ulimit -n`). */
  readonly openFiles: number;
  /** First and last ephemeral port (net.ipv4.ip_local_port_range). */
  readonly ephemeralPorts: readonly [number, number];
}

/** Names looked up by the host itself (getent ahosts; a query to `server` when the cluster file names one). */
export interface NameLookup {
  readonly name: string;
  readonly addresses: readonly string[];
}

export interface OperatingSystem {
  /** ID of os-release(5): debian, rocky, … */
  readonly id: string;
  readonly prettyName: string;
  readonly kernel: string;
}

/** How far ipvet got on the host. `root`: it runs there as root what it has to read. */
export interface Privilege {
  readonly user: string;
  readonly level: 'root' | 'unprivileged';
  /** What sudo said when it refused. */
  readonly sudoMessage?: string;
  /** Programs ipvet may come to run as root there and sudo does not allow; absent when logged in as root. */
  readonly missing?: readonly MissingRule[];
}

export interface MissingRule {
  readonly tier: Tier;
  /** As ipvet asks sudo for it. */
  readonly command: string;
  /** Line of sudoers(5) that would allow it. */
  readonly rule: string;
  /** Whether the run at hand cannot do without. */
  readonly needed: boolean;
}

/** Units as their manager knows them. */
export interface Units {
  /** Whether systemd runs the host; without it `units` is empty. */
  readonly systemd: boolean;
  /** Those asked about that the host has. */
  readonly units: readonly {
    /** With its suffix: `keepalived.service`. */
    readonly name: string;
    /** active, inactive, failed, activating, … */
    readonly active: string;
    /** enabled, disabled, static, masked, generated, …; empty where systemd does not say. */
    readonly enabled: string;
    readonly restarts?: number;
  }[];
}

/** Addresses and gateways in files that a boot reads: interfaces(5), ifcfg, NetworkManager, systemd-networkd, netplan. */
export interface PersistedNetwork {
  /** Files that were understood. */
  readonly files: readonly string[];
  readonly addresses: readonly {
    readonly interface?: string;
    readonly address: string;
    readonly prefixLength?: number;
    /** The file has the prefix length in another line than the address: `netmask`, `PREFIX=`. */
    readonly lengthApart?: true;
    /** The line of interfaces(5) that adds it and does nothing else: `up ip address add …`. */
    readonly line?: string;
    /** The file has it, and no boot brings its interface up. */
    readonly atBoot?: false;
    readonly file: string;
  }[];
  /** Next hops of any route. */
  readonly gateways: readonly {
    readonly address: string;
    /** Gateway= of [Network] (systemd.network(5)): surely that of the default route. */
    readonly standard?: true;
    readonly file: string;
  }[];
  /** Lines nobody here understands that name an address or a kernel parameter, such as a script called by `up`. */
  readonly other: readonly { readonly text: string; readonly file: string }[];
  /** Interfaces that get their address from DHCP or the like. */
  readonly dynamic?: readonly { readonly interface?: string; readonly file: string }[];
  /** Kernel parameters that these files set, in the order they do: `up sysctl -w …`, networkd's IPForward. */
  readonly settings?: readonly { readonly key: string; readonly value: string; readonly file: string }[];
  /** Files that a boot reads and that could not be read or understood. */
  readonly unread?: readonly string[];
  /** What systemd-networkd has for which interfaces (names may be patterns of glob(7)). */
  readonly networkd?: readonly {
    readonly file: string;
    readonly names: readonly string[];
    readonly unmanaged: boolean;
    readonly keepConfiguration?: string;
  }[];
}

export interface KernelModules {
  /** In the kernel now, loaded or built in as far as /sys/module tells. */
  readonly present: readonly string[];
  /** Named in modules-load.d(5) or /etc/modules. */
  readonly atBoot: readonly { readonly name: string; readonly file: string }[];
}

/** How one interface leaves work to the hardware (`ethtool -k`). */
export interface Offloads {
  readonly interface: string;
  readonly largeReceive?: boolean;
  readonly genericReceive?: boolean;
  readonly transmitChecksum?: boolean;
}

/** An access that SELinux denied since boot (`ausearch -m AVC`). */
export interface SelinuxDenial {
  /** Program that was denied. */
  readonly program: string;
  /** Type of its domain: `httpd_t`, `keepalived_t`. */
  readonly domain: string;
  readonly permission: string;
  readonly target: string;
  readonly text: string;
}

/** Whether the package manager could install what is missing. */
export interface PackageOffer {
  readonly manager: 'apt' | 'dnf' | 'yum' | 'zypper' | 'apk' | 'none';
  /** Package → version offered, or null where there is none to install; absent when the manager did not say. */
  readonly offers: Readonly<Record<string, string | null>>;
}

/** Addresses that answer when one host asks for another over ssh without a password, as the cluster's notes set it up. */
export interface SshTrust {
  /** Public keys in the login user's authorized_keys (fingerprint material is not kept). */
  readonly authorizedKeys: number;
  /** Names and addresses of the cluster found in the host's own known_hosts files. */
  readonly knownHosts: readonly string[];
  /** Whether password logins are allowed by sshd (`sshd -T`); undefined when it does not say. */
  readonly passwordAuthentication?: boolean;
}

/** Every fact a host can have, by the name a check declares in `requires`. */
export interface HostFacts {
  readonly privilege: Privilege;
  readonly os: OperatingSystem;
  readonly hostname: string;
  readonly addresses: readonly InterfaceAddress[];
  /** One decision for each destination the plan asks about. */
  readonly routes: readonly RouteDecision[];
  readonly sysctl: Sysctls;
  readonly persistedSysctl: PersistedSysctls;
  readonly hostsFile: readonly HostsFileEntry[];
  readonly clock: ClockReading;
  readonly firewall: Firewall;
  readonly selinux: Selinux;
  readonly listeners: readonly Listener[];
  readonly httpProbes: readonly HttpProbe[];
  readonly ipvsSupport: IpvsSupport;
  readonly ipvsRules: IpvsRules;
  readonly limits: UserLimits;
  readonly names: readonly NameLookup[];
  readonly sshTrust: SshTrust;
  readonly links: readonly NetworkLink[];
  readonly neighbours: readonly Neighbour[];
  readonly modules: KernelModules;
  readonly units: Units;
  /** /etc/machine-id, or dbus's; empty where there is none. */
  readonly machineId: string;
  readonly offloads: readonly Offloads[];
  readonly ipvsTable: IpvsTable;
  readonly savedRules: SavedRules;
  readonly persistedNetwork: PersistedNetwork;
  readonly selinuxDenials: readonly SelinuxDenial[];
  readonly packageOffer: PackageOffer;
  readonly vipCensus: VipCensus;
  readonly keepalived: Keepalived;
  readonly keepalivedConf: KeepalivedConf;
  readonly keepalivedTest: KeepalivedTest;
  readonly keepalivedJournal: KeepalivedJournal;
  readonly connectionSync: ConnectionSync;
  readonly multicast: readonly MulticastMembership[];
}

export type HostFactName = keyof HostFacts;
