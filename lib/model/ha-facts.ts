/** How directors stand in for each other: keepalived as it is set up, as it runs and as it speaks, and the connection sync. */
import type { Secret } from './secret.ts';

/** Where something is said. */
export interface ConfLine {
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

export interface Keepalived {
  /** `2.2.7`, as it says itself; absent where it is not installed. */
  readonly version?: string;
  /** Whether the process of its pid file is keepalived. */
  readonly running: boolean;
}

/** keepalived.conf with what it includes, as this host reads it: `@id` lines settled, `$NAME` put in. */
export interface KeepalivedConf {
  /** Read files, the main one first; empty where there is none. */
  readonly files: readonly string[];
  /** What may make the rest other than it reads here: a file that could not be read, a `~SEQ`, a variable without a value. */
  readonly unsure: readonly (ConfLine & { readonly what: string })[];
  readonly instances: readonly VrrpInstance[];
  readonly syncGroups: readonly VrrpSyncGroup[];
  /** `lvs_sync_daemon` of global_defs. */
  readonly lvsSync?: LvsSync;
  readonly virtualServers: readonly CheckedService[];
}

/** With defaults filled in (keepalived.conf(5), `vrrp_instance`; vrrp.h). Times are in ms. */
export interface VrrpInstance extends ConfLine {
  readonly name: string;
  /** Where each keyword stands, its own or that of global_defs. */
  readonly places: Readonly<Record<string, ConfLine>>;
  readonly initialState: 'MASTER' | 'BACKUP';
  readonly interface?: string;
  readonly vrid?: number;
  readonly priority: number;
  readonly advertIntervalMs: number;
  readonly version: 2 | 3;
  /** VIPs that adverts name; the excluded ones move with them unsaid. */
  readonly addresses: readonly VrrpAddress[];
  readonly excluded: readonly VrrpAddress[];
  readonly authentication?: { readonly type: string; readonly password?: Secret };
  readonly multicastGroup?: string;
  readonly sourceAddress?: string;
  readonly unicastPeers: readonly string[];
  readonly strict: boolean;
  /** Packets to the VIPs are taken: not where `no_accept` or strict mode drops them, unless it owns the address (255). */
  readonly accepts: boolean;
  readonly nopreempt: boolean;
  readonly garp: GratuitousArp;
}

export interface VrrpAddress extends ConfLine {
  readonly address: string;
  /** Absent is 32 or 128. */
  readonly prefixLength?: number;
  /** Where it is not that of the instance. */
  readonly interface?: string;
}

export interface GratuitousArp {
  /** Sent at once when it becomes master, and again so many after `delayMs`; 0 is none. */
  readonly repeat: number;
  readonly delayMs: number;
  /** 0 is never. */
  readonly refreshMs: number;
  /** When an advert of less priority is heard while it is master. */
  readonly lowerPriorityRepeat: number;
}

export interface VrrpSyncGroup extends ConfLine {
  readonly name: string;
  readonly members: readonly string[];
}

export interface LvsSync extends ConfLine {
  readonly interface: string;
  readonly instance?: string;
  /** `id N`; absent is the VRID of the instance. */
  readonly id?: number;
}

/** A virtual_server, with what looks after its real servers. */
export interface CheckedService extends ConfLine {
  /** As it is written: `192.0.2.1 80`, `fwmark 7`, `group web`. */
  readonly name: string;
  readonly sorryServer?: string;
  readonly realServers: readonly CheckedServer[];
}

export interface CheckedServer extends ConfLine {
  readonly address: string;
  /** Health checks by keyword: `TCP_CHECK`, `HTTP_GET`, `MISC_CHECK`, … */
  readonly checks: readonly string[];
  /** `connect_ip` of its checks. */
  readonly lookedAt: readonly string[];
}

/** `keepalived --config-test`: 0 where it has nothing to say; 2.2 answers 5 for a misspelt word as for one it makes do without. */
export interface KeepalivedTest {
  readonly exitCode: number;
  /** What it complained of, without notices, each once. */
  readonly complaints: readonly string[];
}

export type VrrpState = 'MASTER' | 'BACKUP' | 'FAULT';

/** What keepalived said of itself since boot, the latest 2000 lines at most. */
export interface KeepalivedJournal {
  /** Oldest first. */
  readonly transitions: readonly { readonly instance: string; readonly state: VrrpState; readonly agoS: number }[];
  readonly complaints: readonly KeepalivedComplaint[];
  /** How long ago the oldest line was written, in s; absent without a line. */
  readonly sinceS?: number;
}

/** What was said alike, once. Those of before the last start of the daemon are left out. */
export interface KeepalivedComplaint {
  readonly kind:
    | 'password'
    | 'authentication-type'
    | 'advert-interval'
    | 'version'
    | 'vrid'
    | 'address-count'
    | 'foreign-addresses'
    | 'interface'
    | 'script'
    | 'service-removed'
    | 'quorum-lost';
  readonly text: string;
  readonly instance?: string;
  readonly count: number;
  /** When it was last said, in s before now. */
  readonly agoS: number;
}

/** The daemons that copy entries to the other directors, and what came of it. */
export interface ConnectionSync {
  /** Threads of the kernel: the active director sends as `master`, the others take as `backup`; both may run on each. */
  readonly daemons: readonly {
    readonly role: 'master' | 'backup';
    readonly interface: string;
    readonly id: number;
  }[];
  /**
   * TCP entries in state ESTABLISHED that the kernel made itself, and those that came from another director. Absent where
   * nobody counted: the table was too large, or the kernel does not show it.
   */
  readonly rows?: { readonly local: number; readonly synced: number };
}

/** A group that an interface has joined (/proc/net/igmp, /proc/net/igmp6). */
export interface MulticastMembership {
  readonly interface: string;
  readonly group: string;
}
