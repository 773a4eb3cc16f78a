/** What a host's packet filters do, as far as the model knows their conditions. */

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
    /** Families of packets it sees; absent is both. */
    readonly family?: 'ipv4' | 'ipv6';
  }[];
  /** What rewrites addresses, marks packets or filters ARP; absent where nobody looked. */
  readonly translations?: readonly AddressTranslation[];
  readonly marks?: readonly PacketMark[];
  readonly arp?: readonly ArpRule[];
  readonly untracked?: readonly UntrackedPackets[];
  /** Rules that lower the MSS of TCP handshakes (`TCPMSS`, `tcp option maxseg size set`). */
  readonly mssClamps?: readonly { readonly text: string; readonly mss?: number; readonly source?: string }[];
}

/** A rule of a nat table, in the order the kernel tries them. */
export interface AddressTranslation {
  readonly hook: 'prerouting' | 'postrouting' | 'output' | 'input';
  readonly kind: 'dnat' | 'redirect' | 'snat' | 'masquerade' | 'tproxy' | 'accept';
  readonly match: PacketMatch;
  readonly family?: 'ipv4' | 'ipv6';
  /** New address or port, as the tool prints it. */
  readonly to?: string;
  readonly understood: boolean;
  readonly text: string;
  readonly packets?: number;
}

/** A rule that gives packets a mark before IPVS sees them (mangle PREROUTING and INPUT). */
export interface PacketMark {
  readonly mark: number;
  /** Bits of the mark it writes; absent is all. */
  readonly mask?: number;
  /**
   * With marks of connections (CONNMARK, `ct mark`): `connection` gives `mark` to the connection; `save` copies the packet's mark to
   * it and `restore` the other way round, and `mark` says nothing. Absent: the packet itself gets `mark`.
   */
  readonly via?: 'connection' | 'save' | 'restore';
  readonly match: PacketMatch;
  readonly family?: 'ipv4' | 'ipv6';
  readonly understood: boolean;
  readonly text: string;
  readonly packets?: number;
}

/** A rule about ARP packets (arptables, nftables family arp), in order. */
export interface ArpRule {
  readonly hook: 'input' | 'output';
  /** Rules of one `group` are one chain: an accept ends that chain only. Its policy is its last rule where it drops. */
  readonly group?: string;
  readonly verdict: 'accept' | 'drop' | 'mangle';
  readonly match: {
    /** Asked-for address (`-d`, `arp daddr ip`). */
    readonly target?: string;
    /** Address of who asks or answers (`-s`, `arp saddr ip`). */
    readonly sender?: string;
    readonly inInterface?: string;
    readonly outInterface?: string;
    readonly operation?: 'request' | 'reply';
  };
  readonly understood: boolean;
  readonly text: string;
}

/** A rule in the order the kernel tries them. A condition our model does not know makes `understood` false. */
export interface FirewallRule {
  readonly hook: 'input' | 'forward' | 'output';
  /** Families of packets it sees; absent is both. */
  readonly family?: 'ipv4' | 'ipv6';
  readonly engine: 'nftables' | 'iptables';
  /** nftables: table and chain; iptables: table and chain. */
  readonly chain: string;
  /** Rules of one `group` are one chain: an accept ends that chain only, a drop ends everything. */
  readonly group: string;
  readonly verdict: FirewallVerdict;
  readonly match: PacketMatch;
  readonly understood: boolean;
  /** The rule as its own tool prints it. */
  readonly text: string;
  readonly packets?: number;
}

/** Conditions of a rule. All of them hold where the rule applies; an absent one always holds. */
export interface PacketMatch {
  readonly family?: 'ipv4' | 'ipv6';
  readonly protocol?: string;
  readonly destination?: string;
  readonly source?: string;
  readonly destinationPorts?: readonly (readonly [number, number])[];
  readonly sourcePorts?: readonly (readonly [number, number])[];
  readonly inInterface?: string;
  readonly outInterface?: string;
  /** Connection-tracking states (new, established, related, invalid, untracked). */
  readonly states?: readonly string[];
  /** Bits of connection tracking (`dnat`, `snat`, `assured`, …). */
  readonly statuses?: readonly string[];
  /** Types of ICMP or ICMPv6, whichever `protocol` says; without a code it is all of them. */
  readonly icmpTypes?: readonly (readonly [type: number, code?: number])[];
  /** Of the TCP flags in `mask`, those in `set` are set and the others are not; lower case. */
  readonly tcpFlags?: { readonly mask: readonly string[]; readonly set: readonly string[] };
  /** What the host's own routing takes the destination for: `local`, `unicast`, `multicast`, `broadcast`, … */
  readonly destinationTypes?: readonly string[];
  /** No way back to the source leads out where the packet came in (`fib saddr . iif oif missing`). */
  readonly reversePath?: 'missing';
  /** The rule applies only to packets that meet none of these. */
  readonly not?: readonly PacketMatch[];
}

/** A rule that takes packets out of connection tracking (`NOTRACK`, `CT --notrack`, nftables `notrack`). */
export interface UntrackedPackets {
  readonly hook: 'prerouting' | 'output';
  readonly match: PacketMatch;
  readonly understood: boolean;
  readonly text: string;
}
