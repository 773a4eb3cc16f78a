/** How to mend by hand what the experiment names, where no finding says it with the host's own values. Pure. */
import type { VirtualService } from '../model/cluster.ts';
import type { Remedy } from '../model/evidence.ts';
import type { FaultId } from '../model/fault-id.ts';

interface Place {
  readonly host: string;
  readonly service: VirtualService;
  /** Address of the director on the real servers' side. */
  readonly dip: string;
  /** Of the host, on the director's side. */
  readonly interface: string;
}

type Words = Omit<Remedy, 'host'>;

const setting = (key: string, value: number, summary: string): Words => ({
  summary,
  commands: [`sysctl -w ${key}=${value}`],
  persistent: [`echo '${key}=${value}' >> /etc/sysctl.d/99-lvs.conf`, 'sysctl --system'],
});

const byHand = (summary: string, ...commands: readonly string[]): Words => ({ summary, commands });

/** Undefined for what has no remedy that is always right. */
export function remedyOf(cause: FaultId, place: Place): Remedy | undefined {
  const { host } = place;
  const words = wordsOf(cause, place);
  return words === undefined ? undefined : { host, ...words };
}

function wordsOf(cause: FaultId, { service, dip, interface: device }: Place): Words | undefined {
  const { vip, port, forwarding } = service;
  const ip = vip.includes(':') ? 'ip -6' : 'ip';
  const held = `${vip}/${vip.includes(':') ? 128 : 32}`;
  const onPort = `ss -Htlnp 'sport = :${port}'`;
  switch (cause) {
    case 'rs-vip-missing':
      return {
        ...byHand('Give it the VIP on lo, once it is silent when asked for it', `${ip} address add ${held} dev lo`),
        undo: [`${ip} address del ${held} dev lo`],
      };
    case 'tun-vip-missing':
      return {
        ...byHand('Give it the VIP on its tunnel interface', `${ip} address add ${held} dev tunl0`),
        undo: [`${ip} address del ${held} dev tunl0`],
      };
    case 'tun-rp-filter':
    case 'rs-rp-filter-multihomed':
    case 'director-rp-filter': {
      const name = cause === 'tun-rp-filter' ? 'tunl0' : device;
      // The larger of all and the interface counts: 0 on one of them changes nothing (ip-sysctl.rst).
      return setting(`net.ipv4.conf.${name}.rp_filter`, 2, `Let the reverse path filter of ${name} be loose`);
    }
    case 'director-ip-forward-off':
      return setting(vip.includes(':') ? 'net.ipv6.conf.all.forwarding' : 'net.ipv4.ip_forward', 1, 'Let it forward');
    case 'rs-no-default-route':
      return forwarding === 'nat'
        ? byHand('Give it the director as its default gateway', `${ip} route add default via ${dip}`)
        : byHand('Give it a route to the client: its router, not the director', `${ip} route show`);
    case 'nat-client-same-subnet':
      return byHand(
        'Ask from a client outside its subnet, or send it the answers through the director',
        `${ip} route show`,
      );
    case 'nat-rs-gateway-not-director':
      return byHand('Make the director its default gateway', `${ip} route replace default via ${dip}`);
    case 'dr-rs-gateway-is-director':
      return byHand('Make the router its default gateway in place of the director', `${ip} route show default`);
    case 'rs-accept-queue-overflow':
      return byHand(
        'See why the program accepts so slowly; give it a longer backlog',
        onPort,
        'sysctl net.core.somaxconn',
      );
    case 'rs-conntrack-full':
    case 'director-conntrack-full':
      return byHand(
        'Give connection tracking more room, or do not track the service (`-t raw -j CT --notrack`)',
        'sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max',
      );
    case 'client-firewall':
      return byHand(
        `Let requests to ${vip} port ${port} out of the client, and their answers in`,
        'nft list ruleset',
        'iptables-save -c',
      );
    case 'rs-syn-backlog-overflow':
      return byHand(
        'Find whose handshakes do not end; give the listener a longer backlog',
        `ss -Htan state syn-recv '( sport = :${port} )'`,
        'sysctl net.ipv4.tcp_max_syn_backlog net.ipv4.tcp_syncookies',
      );
    case 'garp-lost-after-failover':
    case 'no-garp-after-split-brain-heal':
      return byHand(
        'Announce the VIP from it once more, or let the router forget who had it',
        vip.includes(':') ? `ndptool -t na -U -i ${device} -T ${vip} send` : `arping -A -c 3 -I ${device} ${vip}`,
      );
    case 'rs-service-down':
    case 'rs-service-not-on-vip':
      return byHand(`Let the service listen on port ${port} of the ${forwarding === 'nat' ? 'RIP' : 'VIP'}`, onPort);
    case 'rs-firewall-drop':
    case 'rs-firewall-reject':
      return byHand(
        `Find the rule that takes packets for port ${port}, and accept them before it`,
        'nft list ruleset',
        'iptables-save -c',
      );
    case 'director-forward-drop':
      return byHand(
        'Find the rule that takes answers of real servers in FORWARD',
        'nft list ruleset',
        'iptables-save -c',
      );
    case 'tun-mtu-blackhole':
    case 'v6-tunnel-mtu':
      return byHand(
        'Announce segments that leave room for the tunnel (advmss), and let the ICMP errors of the director out',
        `${ip} route show default`,
        'iptables-save -c',
      );
    case 'tun-ipip-module-missing':
      return {
        ...byHand('Load the module of the tunnel', 'modprobe ipip', 'ip link set tunl0 up'),
        persistent: ['echo ipip > /etc/modules-load.d/ipip.conf'],
      };
    default:
      return undefined;
  }
}
