/**
 * What traffic shows of each fault that a check can find, by forwarding method. Measured with one failing connection whose
 * client gives up after 4 s (the signature matrix of the fault catalogue), read in net/netfilter/ipvs where it was not. With
 * DR and TUN the director sees the client's half alone: its table tells a refused connection from a silent one by nothing
 * but what the client saw, and a packet that came back is an ICMP error.
 */
import type { ForwardingMethod } from '../model/cluster.ts';
import type { FaultId } from '../model/fault-id.ts';

/** What a client sees. `hang`: connected, and no answer; `slow`: answered, a second late; `no-port`: could not begin. */
export type Symptom =
  'timeout' | 'refused' | 'unreachable' | 'reset' | 'hang' | 'slow' | 'wrong-content' | 'no-port' | 'ok';

/** What the director's table has of the connection. `finished`: FIN_WAIT, TIME_WAIT, CLOSE_WAIT or LAST_ACK. */
export type Trace = 'none' | 'syn-recv' | 'close' | 'established' | 'finished';

export interface Signature {
  /** Whose connections: those of the real server that has it, those of the service, or those of one client. */
  readonly scope: 'real-server' | 'director' | 'path' | 'client';
  readonly client: readonly Symptom[];
  readonly table: readonly Trace[];
  /** Packets of a connection from the client, and back, as the director counts them: least and most. */
  readonly inPackets?: readonly [number, number];
  readonly outPackets?: readonly [number, number];
  /** Refuses new connections: those that go on in an entry of before are answered (conn_reuse_mode; DR and TUN). */
  readonly onlyNew?: true;
  /** Breaks some of these connections: the excess under load, large requests, a port used again. */
  readonly partly?: true;
}

/** A method that is not there does not have the fault. `latent`: it makes no traffic fail now. */
export type Signatures = 'latent' | Readonly<Partial<Record<ForwardingMethod, Signature>>>;

type Rest = Omit<Signature, 'scope'>;
const of = (scope: Signature['scope']) => (rest: Rest) => ({ scope, ...rest });
const server = of('real-server');
const director = of('director');
const path = of('path');
const client = of('client');

const every = (signature: Signature) => ({ nat: signature, dr: signature, tun: signature });
const nat = (signature: Signature) => ({ nat: signature });
const dr = (signature: Signature) => ({ dr: signature });
const tun = (signature: Signature) => ({ tun: signature });
const direct = (signature: Signature) => ({ dr: signature, tun: signature });

const partly = (rest: Rest): Rest => ({ ...rest, partly: true });
/** A SYN sent again and again: at 0, 1 and 3 s, or every second (tcp_syn_linear_timeouts). */
const again = [1.5, 9] as const;
const once = [1, 1.5] as const;
const nothing = [0, 0] as const;

const silent: Rest = { client: ['timeout'], table: ['syn-recv'], inPackets: again, outPackets: nothing };
const refused: Rest = { client: ['refused'], table: ['syn-recv'], inPackets: once, outPackets: nothing };
/** Through the director, which counts the RST of 40 bytes. */
const closed: Rest = { client: ['refused'], table: ['close'], inPackets: once, outPackets: once };
/** The director relays the ICMP error of a tunnel, and counts it twice. */
const relayed: Rest = { client: ['refused'], table: ['syn-recv'], inPackets: once, outPackets: [1, 4] };
const refusedUnseen: Rest = { client: ['refused'], table: ['none'] };
/** By ICMP, of which the kernel sends one a second (icmp_ratelimit): the rest is silence. */
const refusesNew: Rest = { client: ['refused', 'timeout'], table: ['none'], onlyNew: true };
const silentUnseen: Rest = { client: ['timeout'], table: ['none'] };
const absent: Rest = { client: ['unreachable', 'timeout'], table: ['none'] };
/** The real server has the clients to itself. */
const stolen: Rest = { client: ['ok', 'reset'], table: ['none'] };
const stalled: Rest = partly({ client: ['hang'], table: ['established', 'finished'] });
const overflowing: Rest = partly({ client: ['timeout', 'hang', 'slow'], table: ['syn-recv'] });
const down: Rest = { client: ['unreachable', 'timeout'], table: ['syn-recv'], inPackets: again, outPackets: [0, 5] };
const looping: Rest = {
  client: ['unreachable', 'timeout'],
  table: ['syn-recv'],
  inPackets: [1.5, 64],
  outPackets: [0, 2],
};
const misled: Rest = { client: ['timeout', 'refused', 'unreachable'], table: ['syn-recv', 'close'] };

/** Two directors answer for the VIP: what is known to one is strange to the other. */
const divided: Rest = partly({ client: ['reset', 'timeout', 'hang', 'ok'], table: ['none', 'syn-recv', 'finished'] });
/** No director has the VIP. */
const masterless: Rest = { client: ['unreachable', 'timeout', 'ok'], table: ['none'] };

/** Of every fault that a check of the stages `pre` and `post` sees, in the order of the catalogue. */
export const signatures: Readonly<Partial<Record<FaultId, Signatures>>> = {
  'ip-vs-module-missing': every(director({ client: ['refused', 'unreachable', 'timeout'], table: ['none'] })),
  'scheduler-module-missing': every(director(refusedUnseen)),
  'rules-not-persistent': 'latent',
  'sysctl-not-persistent': 'latent',
  'service-rule-missing': every(director(refusedUnseen)),
  'forwarding-method-mismatch': every(server({ client: ['timeout', 'refused'], table: ['syn-recv'] })),
  // Connections of a destination that the cluster file does not know.
  'wrong-rip-or-port': every(server(partly({ ...misled, table: ['none', 'syn-recv', 'close', 'finished'] }))),
  'dr-port-rewrite-attempted': direct(server(refused)),
  'clock-skew': 'latent',
  'time-sync-missing': 'latent',
  'hosts-file-mismatch': 'latent',
  // Load goes to the VIP by its address, whatever its name resolves to.
  'dns-vip-mismatch': 'latent',
  'duplicate-hostname': 'latent',
  'duplicate-ip': every(
    path(
      partly({ client: ['timeout', 'unreachable', 'wrong-content', 'ok'], table: ['none', 'syn-recv', 'finished'] }),
    ),
  ),
  'duplicate-mac': dr(path(partly({ client: ['ok', 'wrong-content', 'timeout'], table: ['syn-recv', 'finished'] }))),
  'selinux-blocks-service': every(
    server(partly({ client: ['refused', 'wrong-content'], table: ['syn-recv', 'close', 'finished'] })),
  ),
  'selinux-blocks-keepalived': every(
    director(partly({ client: ['refused', 'unreachable', 'timeout'], table: ['none'] })),
  ),
  'unit-not-enabled': 'latent',

  'vip-absent-on-director': every(director(absent)),
  'vip-on-wrong-interface-or-down': every(director(absent)),
  'vip-becomes-source-address': every(director({ client: ['refused', 'timeout'], table: ['none', 'syn-recv'] })),
  'director-ip-forward-off': nat(director(silent)),
  'director-rp-filter': {
    nat: director({ client: ['timeout'], table: ['none', 'syn-recv'], outPackets: nothing }),
    ...direct(director(silentUnseen)),
  },
  'director-no-route-to-rs': every(
    server({ client: ['unreachable'], table: ['syn-recv'], inPackets: once, outPackets: once }),
  ),
  'dr-rip-not-on-link': dr(server(looping)),
  'director-neigh-stale': every(server(silent)),
  'local-destination-surprises': every(server({ client: ['refused', 'timeout'], table: ['close', 'syn-recv'] })),
  'director-rs-pingpong': direct(director(partly(looping))),
  // IPVS leaves the packet to the director's own stack, where nobody listens.
  'backup-only-blackhole': every(director(refusedUnseen)),
  'dnat-rule-steals-vip': every(director({ client: ['ok', 'timeout', 'refused', 'unreachable'], table: ['none'] })),
  'fwmark-not-set': every(director(refusedUnseen)),
  'nat-icmp-redirect': nat(
    director(partly({ client: ['reset', 'hang', 'timeout'], table: ['syn-recv', 'close', 'finished'] })),
  ),
  // Data connections of FTP, which no load makes.
  'ip-vs-ftp-missing': 'latent',
  'nic-offload-lro': every(director(partly({ client: ['slow', 'hang'], table: ['established', 'finished'] }))),
  'drop-packet-defence': every(director(partly({ client: ['slow', 'timeout'], table: ['none', 'finished'] }))),
  'drop-entry-defence': every(director(partly({ client: ['reset', 'hang'], table: ['none', 'finished'] }))),
  'secure-tcp-active': 'latent',
  'weight-zero': every(director(refusesNew)),
  'no-real-servers': every(director(refusesNew)),
  'overload-threshold': every(director(partly({ client: ['refused', 'timeout'], table: ['none', 'finished'] }))),

  'rs-vip-missing': dr(server(looping)),
  'rs-vip-wrong-prefix': direct(server(silent)),
  'rs-vip-on-nic': direct(server(stolen)),
  'rs-arp-flux': direct(server(stolen)),
  'rs-arp-announce-leak': direct(server({ client: ['ok', 'reset', 'timeout'], table: ['none', 'syn-recv'] })),
  'rs-arp-sysctl-wrong-scope': direct(server({ client: ['ok', 'reset'], table: ['none', 'syn-recv'] })),
  'rs-arp-vs-other-tools': direct(server(stolen)),
  'nat-rs-gateway-not-director': nat(server(silent)),
  'rs-no-default-route': every(server(silent)),
  'nat-client-same-subnet': nat(server(silent)),
  'nat-rs-bypass-route': nat(server(silent)),
  'dr-rs-gateway-is-director': direct(server(silent)),
  'rs-rp-filter-multihomed': dr(server(silent)),
  'rs-asymmetric-route': direct(server(silent)),
  'rs-egress-drop': direct(server(silent)),
  'rs-service-down': { nat: server(closed), ...direct(server(refused)) },
  'rs-service-not-on-vip': direct(server(refused)),
  'rs-host-down': every(server(down)),
  'rs-app-hang': every(
    server({ client: ['hang', 'reset', 'wrong-content'], table: ['established', 'finished', 'close'] }),
  ),
  'rs-udp-wrong-source': direct(server({ client: ['timeout', 'hang'], table: [] })),

  // With another module that uses tunnels of protocol 4, such as sit, the error is port unreachable (net/ipv4/tunnel4.c).
  'tun-ipip-module-missing': tun(server({ ...relayed, client: ['unreachable', 'refused'] })),
  'tun-interface-down': tun(server(relayed)),
  'tun-vip-missing': tun(server(silent)),
  'tun-local-address-mismatch': tun(server({ client: ['timeout', 'refused', 'unreachable'], table: ['syn-recv'] })),
  'tun-rp-filter': tun(server(silent)),
  'tun-proto4-filtered': tun(server({ client: ['timeout', 'unreachable', 'refused'], table: ['syn-recv'] })),
  'tun-type-mismatch': tun(server({ ...relayed, client: ['refused', 'unreachable'] })),
  'tun-mtu-blackhole': tun(server(stalled)),
  'tun-arp': tun(server(stolen)),

  'director-input-drop': every(director({ client: ['timeout', 'refused', 'unreachable'], table: ['none'] })),
  'director-output-drop': every(director({ client: ['timeout', 'refused', 'unreachable'], table: ['syn-recv'] })),
  'director-forward-drop': nat(director(silent)),
  'director-forward-invalid': nat(director(silent)),
  'director-stateful-input-dr': direct(
    director({ client: ['hang', 'timeout'], table: ['syn-recv'], inPackets: once, outPackets: nothing }),
  ),
  // Requests are answered; the FIN of the client alone is lost.
  'director-invalid-drop-fin-leak': 'latent',
  'pmtu-icmp-dropped-at-director': direct(director(stalled)),
  'vs-conntrack-off-with-snat': nat(director({ ...silent, outPackets: nothing })),
  'director-conntrack-full': every(director(partly({ client: ['timeout'], table: ['none', 'finished'] }))),
  'rs-conntrack-full': every(server(overflowing)),
  'rs-firewall-drop': every(server(silent)),
  'rs-firewall-reject': {
    nat: server({
      client: ['refused', 'unreachable'],
      table: ['syn-recv', 'close'],
      inPackets: once,
      outPackets: once,
    }),
    ...direct(server({ ...refused, client: ['refused', 'unreachable'] })),
  },
  'firewalld-missing-vrrp': 'latent',
  'br-netfilter-surprise': dr(server(partly({ client: ['timeout'], table: ['syn-recv'] }))),

  // Comes up when a destination is taken out.
  'expire-nodest-blackhole': 'latent',
  'udp-stale-destination': 'latent',
  'persistence-ignores-quiesce': 'latent',
  'port-zero-needs-persistence': every(director(refusedUnseen)),
  'sh-no-fallback': every(director(partly(refusedUnseen))),
  'weight-misbalance': every(director(partly({ client: ['ok'], table: ['finished', 'established'] }))),
  'idle-timeout-reset': every(director(partly({ client: ['reset', 'hang'], table: ['none', 'finished'] }))),
  'timeouts-too-short': every(director(partly({ client: ['reset', 'hang'], table: ['none', 'finished'] }))),
  'conn-reuse-delay': every(director(partly({ client: ['slow', 'timeout'], table: ['none', 'finished'] }))),
  'conn-reuse-sticky': every(
    director(partly({ client: ['timeout', 'refused', 'hang'], table: ['syn-recv', 'finished'] })),
  ),
  'fwmark-grouping-missing': 'latent',

  'rs-accept-queue-overflow': every(server(overflowing)),
  'rs-syn-backlog-overflow': every(server(overflowing)),
  'rs-tw-recycle': every(server(overflowing)),
  'client-port-exhaustion': every(client(partly({ client: ['no-port'], table: ['none', 'finished'] }))),
  'conn-table-collisions': 'latent',
  'estimator-overhead': 'latent',
  'nic-mtu-mismatch': every(server(stalled)),

  'client-is-director': direct(client({ client: ['timeout'], table: ['syn-recv'], inPackets: [1, 9] })),
  'client-is-real-server': {
    nat: client({ ...silent, client: ['timeout', 'hang', 'reset'] }),
    ...direct(client({ client: ['ok', 'refused'], table: ['none'] })),
  },
  'client-on-backup-director': direct(client({ client: ['refused', 'ok', 'timeout'], table: ['none'] })),
  'client-firewall': every(client({ client: ['timeout', 'refused', 'unreachable'], table: ['none', 'syn-recv'] })),
  'stale-arp-at-client-or-router': every(path({ client: ['timeout', 'unreachable', 'ok', 'reset'], table: ['none'] })),

  'vrrp-split-brain': every(path(divided)),
  'vrrp-vrid-mismatch': every(path(divided)),
  // The other cluster may have the very same VIP, and take it.
  'vrrp-vrid-collision': every(path({ ...divided, client: [...divided.client, 'refused', 'unreachable'] })),
  'vrrp-auth-mismatch': every(path(divided)),
  'vrrp-advert-int-mismatch': every(path(divided)),
  'vrrp-vip-list-mismatch': every(path(divided)),
  'vrrp-unicast-misconfig': every(path(divided)),
  // One director has it as a rule: the other takes over.
  'vrrp-wrong-interface': every(path(masterless)),
  'vrrp-equal-priority': 'latent',
  'vrrp-preempt-flapping': every(path(divided)),
  'vrrp-fault-by-track': every(path(masterless)),
  'keepalived-vrrp-strict-drop': every(director(silentUnseen)),
  'backup-not-running': 'latent',
  'backup-lacks-rules': 'latent',
  'backup-answers-arp': every(path({ client: ['reset', 'refused', 'timeout', 'ok'], table: ['none'] })),
  'garp-lost-after-failover': every(path({ client: ['timeout', 'unreachable', 'reset'], table: ['none'] })),
  'no-garp-after-split-brain-heal': every(path({ client: ['timeout', 'unreachable'], table: ['none'] })),
  'vip-removed-by-network-manager': every(director(absent)),
  'nat-gateway-not-failed-over': nat(server(silent)),
  // They show when the other director takes over.
  'sync-daemon-missing': 'latent',
  'sync-id-mismatch': 'latent',
  'sync-transport-blocked': 'latent',
  'sync-threshold-gap': 'latent',
  'sync-direction-wrong': 'latent',
  // A real server that is well is taken out: others answer.
  'healthcheck-false-negative': 'latent',
  'healthcheck-false-positive': 'latent',
  'healthcheck-absent': 'latent',
  'sorry-server-active': every(director({ client: ['wrong-content', 'ok'], table: ['finished', 'established'] })),
  // Answered where the director has a web server of its own.
  'two-managers-fighting': every(
    director(partly({ client: ['refused', 'timeout', 'ok'], table: ['none', 'finished'] })),
  ),
  'multicast-vlan-hypervisor': every(path(divided)),

  'v6-vip-dad-failed': every(director({ client: ['unreachable', 'timeout'], table: ['none', 'syn-recv'] })),
  'v6-vip-answered-by-rs': direct(server(stolen)),
  'v6-forwarding-off': nat(director(silent)),
  'v6-icmp-filtered': every(
    director(partly({ client: ['unreachable', 'timeout', 'hang'], table: ['none', 'syn-recv', 'finished'] })),
  ),
  'v6-service-missing': 'latent',
  'v6-vip-as-source': 'latent',
  'v6-tunnel-mtu': tun(server(stalled)),
  'mixed-family': tun(server({ client: ['timeout', 'refused', 'unreachable'], table: ['syn-recv'] })),
};

/** What they are where a real server has them: its answers go astray. */
export const signaturesAtServers: Readonly<Partial<Record<FaultId, Signatures>>> = {
  'stale-arp-at-client-or-router': every(server(silent)),
  'garp-lost-after-failover': every(server(silent)),
  'no-garp-after-split-brain-heal': every(server(silent)),
};
