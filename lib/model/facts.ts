/**
 * What one host said about itself. A fact that could not be had is a `Missing` in its place, never an empty list.
 * The parsers in lib/parse make the values; lib/facts fetches the text they read.
 */
import type { ForwardingMethod, Protocol } from './cluster.ts';
import type { Evidence } from './evidence.ts';
import type { Tier } from './tier.ts';

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

/** One address on one interface (`ip addr`). */
export interface InterfaceAddress {
  readonly interface: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefixLength: number;
  /** Whether the interface is administratively up (flag UP). */
  readonly up: boolean;
}

/** The kernel's own answer to "how would a packet to `destination` leave?" (`ip route get`). */
export interface RouteDecision {
  readonly destination: string;
  /** Source address the question was asked with. */
  readonly from?: string;
  readonly outcome: 'unicast' | 'local' | 'unreachable' | 'blackhole' | 'prohibit' | 'no-route';
  /** Next hop; absent when the destination is on link. */
  readonly gateway?: string;
  readonly interface?: string;
  /** Source address the kernel would choose. */
  readonly source?: string;
}

/** A host's clock against this machine's. `offsetMs` is host minus runner; the true value lies within ± `errorMs`. */
export interface ClockReading {
  readonly offsetMs: number;
  readonly errorMs: number;
  /** Service that keeps the time, as far as it can be told. */
  readonly source: 'chrony' | 'ntpd' | 'systemd-timesyncd' | 'none' | 'unknown';
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

export type FirewallVerdict = 'accept' | 'drop' | 'reject';

/** What stands between the wire and a local socket, and between two interfaces. */
export interface Firewall {
  /** Which engine holds rules; several may. */
  readonly engines: readonly ('nftables' | 'iptables' | 'firewalld')[];
  readonly rules: readonly FirewallRule[];
  /** Policy of each base chain; a chain that does not exist accepts. */
  readonly policies: Readonly<Record<'input' | 'forward' | 'output', FirewallVerdict>>;
  /** Policy of each base chain by its rules' `group`, also of a chain without rules; `policies` stands in when absent. */
  readonly chains?: readonly {
    readonly hook: 'input' | 'forward' | 'output';
    readonly group: string;
    readonly policy: FirewallVerdict;
  }[];
}

/** A rule in the order the kernel tries them. A condition our model does not know makes `understood` false. */
export interface FirewallRule {
  readonly hook: 'input' | 'forward' | 'output';
  readonly engine: 'nftables' | 'iptables';
  /** nftables: table and chain; iptables: table and chain. */
  readonly chain: string;
  /** Rules of one `group` are one chain: an accept ends that chain only, a drop ends everything. */
  readonly group: string;
  readonly verdict: FirewallVerdict;
  readonly match: {
    readonly protocol?: string;
    readonly destination?: string;
    readonly source?: string;
    readonly destinationPorts?: readonly (readonly [number, number])[];
    readonly sourcePorts?: readonly (readonly [number, number])[];
    readonly inInterface?: string;
    readonly outInterface?: string;
    /** Connection-tracking states (new, established, related, invalid). */
    readonly states?: readonly string[];
  };
  readonly understood: boolean;
  /** The rule as its own tool prints it. */
  readonly text: string;
  readonly packets?: number;
}

export interface Selinux {
  readonly mode: 'enforcing' | 'permissive' | 'disabled' | 'absent';
}

/** A listening TCP socket (`ss -ltn`). `address` is `*` for any. */
export interface Listener {
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
}

export type HostFactName = keyof HostFacts;
