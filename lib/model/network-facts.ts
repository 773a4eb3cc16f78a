/** What a host says of its interfaces, addresses, ways and neighbours. */

/** One address on one interface (`ip addr`). */
export interface InterfaceAddress {
  readonly interface: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefixLength: number;
  /** Whether the interface is administratively up (flag UP). */
  readonly up: boolean;
  /** rt_scope: `global`, `host`, `link`; absent where the tool does not say. */
  readonly scope?: string;
  /** IFA_FLAGS that bear on who uses and who answers for the address (if_addr.h). */
  readonly flags?: readonly ('tentative' | 'dadfailed' | 'deprecated' | 'secondary')[];
}

/** One interface (`ip -d link`). */
export interface NetworkLink {
  readonly name: string;
  /** Lower case, colons; absent where the link has none (ipip, lo has 00:…). */
  readonly mac?: string;
  readonly mtu: number;
  /** Administratively up (flag UP). */
  readonly up: boolean;
  /** Flag NOARP: nobody answers ARP there. */
  readonly noArp: boolean;
  /** IFLA_INFO_KIND: `ipip`, `dummy`, `bridge`, `bond`, `vlan`, `veth`, …; absent for a plain device and for lo. */
  readonly kind?: string;
  /** Bridge or bond it is part of. */
  readonly master?: string;
  /** Ends of a tunnel; absent is any. */
  readonly tunnel?: { readonly local?: string; readonly remote?: string };
}

/** One entry of the neighbour tables (`ip neigh`). */
export interface Neighbour {
  readonly address: string;
  readonly interface: string;
  /** Lower case; absent while nobody answered. */
  readonly mac?: string;
  /** NUD_*: `reachable`, `stale`, `delay`, `probe`, `failed`, `incomplete`, `permanent`, `noarp`. */
  readonly state: string;
}

/** Who answers when hosts on a segment are asked for a VIP: ARP for IPv4, neighbour discovery for IPv6. */
export interface VipCensus {
  readonly questions: readonly {
    readonly vip: string;
    /** Asked from this interface, with this source address. */
    readonly interface: string;
    readonly source: string;
    /** Every distinct MAC that answered, lower case. */
    readonly answers: readonly string[];
  }[];
}

/** The kernel's own answer to "how would a packet to `destination` leave?" (`ip route get`). */
export interface RouteDecision {
  readonly destination: string;
  /** Source address the question was asked with. */
  readonly from?: string;
  /** `source-not-local`: `from` is not an address of the host, so that nothing leaves from it. */
  readonly outcome: 'unicast' | 'local' | 'unreachable' | 'blackhole' | 'prohibit' | 'no-route' | 'source-not-local';
  /** Next hop; absent when the destination is on link. */
  readonly gateway?: string;
  readonly interface?: string;
  /** Source address the kernel would choose. */
  readonly source?: string;
  /** Path MTU in bytes the route or its cached exception says; the interface's own when absent. */
  readonly mtu?: number;
  /** Largest segment advertised to peers over this route, in bytes. */
  readonly advmss?: number;
  /** The way was learned from an ICMP redirect. */
  readonly redirected?: boolean;
}
