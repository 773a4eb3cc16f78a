import type { CheckCase } from './case.ts';

const vip = '192.168.122.100';

/** Each destination of the lab's service `web` in the NAT topology. */
const everyDestination = (options: string): string =>
  ['10.10.10.10', '10.10.10.20', '10.10.10.30']
    .map((rip) => `ipvsadm -e -t ${vip}:80 -r ${rip}:80 -m ${options}`)
    .join('\n');

/**
 * The director's way to `destination` as a table of its own says, with SSH left as it is: rules of routes may go by port
 * (ip-rule(8)), and `ip route get` asks without one.
 */
const detour = (destination: string, route: string): Pick<CheckCase, 'apply' | 'revert'> => ({
  apply: `ip rule add pref 90 to ${destination} ipproto tcp sport 22 lookup main
ip route add ${route} table 99
ip rule add pref 100 to ${destination} lookup 99`,
  revert: `ip rule del pref 100
ip rule del pref 90
ip route flush table 99`,
});

const sysctl = (key: string, value: string, was: string): Pick<CheckCase, 'apply' | 'revert'> => ({
  apply: `sysctl -qw ${key}=${value}`,
  revert: `sysctl -qw ${key}=${was}`,
});

const nat = { topology: 'nat', host: 'director1' } as const;
const dr = { topology: 'dr', host: 'director1' } as const;

/** Settings that disturb nothing else. */
const settings: readonly CheckCase[] = [
  {
    ...nat,
    check: 'director/overload-defences',
    ...sysctl('net.ipv4.vs.drop_entry', '3', '0'),
    outcome: 'warn',
    reason: /half-open connections before their time \(net\.ipv4\.vs\.drop_entry=3\)/,
  },
  {
    ...nat,
    check: 'director/overload-defences',
    ...sysctl('net.ipv4.vs.drop_packet', '3', '0'),
    outcome: 'warn',
    reason: /net\.ipv4\.vs\.drop_packet=3/,
  },
  {
    ...nat,
    check: 'director/overload-defences',
    ...sysctl('net.ipv4.vs.secure_tcp', '3', '0'),
    outcome: 'warn',
    reason: /net\.ipv4\.vs\.secure_tcp=3/,
  },
  {
    ...nat,
    check: 'director/estimation',
    ...sysctl('net.ipv4.vs.run_estimation', '0', '1'),
    outcome: 'warn',
    reason: /run_estimation=0: counters and rates of IPVS stand still/,
  },
  {
    ...nat,
    check: 'director/connection-reuse',
    ...sysctl('net.ipv4.vs.conn_reuse_mode', '0', '1'),
    outcome: 'warn',
    reason: /conn_reuse_mode=0/,
  },
  {
    ...nat,
    check: 'director/connection-timeouts',
    apply: 'ipvsadm --set 10 5 5',
    revert: 'ipvsadm --set 900 120 300',
    outcome: 'warn',
    reason: /established TCP connection after 10 s.*closing TCP connection after 5 s/,
  },
];

/** Ways of the director. */
const ways: readonly CheckCase[] = [
  {
    ...nat,
    check: 'director/client-route',
    ...detour('192.168.122.1', 'unreachable default'),
    outcome: 'fail',
    reason: /director1 has no way to client1 \(192\.168\.122\.1\): its kernel says unreachable/,
    batch: 1,
  },
  {
    ...nat,
    check: 'director/reverse-path-filter',
    ...sysctl('net.ipv4.conf.eth0.rp_filter', '2', '0'),
    outcome: 'fail',
    reason: /rp_filter=2 in force on eth0 drops/,
    batch: 1,
  },
  {
    ...nat,
    check: 'director/reverse-path-filter',
    apply: `${detour('192.168.122.1', 'default dev eth1').apply}
sysctl -qw net.ipv4.conf.eth0.rp_filter=1`,
    revert: `sysctl -qw net.ipv4.conf.eth0.rp_filter=0
${detour('192.168.122.1', 'default dev eth1').revert}`,
    outcome: 'fail',
    reason: /answers client1 \(192\.168\.122\.1\) on link dev eth1, and rp_filter=1 in force on eth0 drops/,
    batch: 2,
  },
  {
    ...nat,
    check: 'director/source-address',
    apply: `ip route add 10.10.10.30/32 dev eth1 src ${vip}`,
    revert: 'ip route del 10.10.10.30/32 dev eth1',
    outcome: 'warn',
    reason: /speaks to rs3 from the VIP 192\.168\.122\.100, so the source changes/,
    batch: 4,
  },
  {
    ...nat,
    check: 'director/real-server-route',
    // The operator's way to rs3 leads through the director.
    apply: `ip rule add pref 90 to 10.10.10.30 ipproto tcp dport 22 lookup main
ip route add unreachable default table 99
ip rule add pref 100 to 10.10.10.30 lookup 99`,
    revert: detour('10.10.10.30', '').revert,
    outcome: 'fail',
    reason: /director1 has no way to rs3 \(10\.10\.10\.30\): its kernel says unreachable/,
    batch: 5,
  },
  {
    ...dr,
    check: 'director/source-address',
    apply: `ip route add 192.168.122.12/32 dev eth0 src ${vip}`,
    revert: 'ip route del 192.168.122.12/32 dev eth0',
    outcome: 'fail',
    reason: /speaks to rs2 from the VIP 192\.168\.122\.100, which they have themselves/,
    batch: 1,
  },
  {
    ...dr,
    check: 'director/neighbours',
    apply: 'ip neigh replace 192.168.122.13 lladdr 02:00:00:00:00:99 nud permanent dev eth0',
    revert: 'ip neigh del 192.168.122.13 dev eth0',
    outcome: 'fail',
    reason: /rs3 \(192\.168\.122\.13\) to 02:00:00:00:00:99, which is no MAC of it, by a permanent entry/,
    batch: 1,
  },
];

/** Addresses of the director. Nobody may be answered for that of a real server: that would be the operator's way to it. */
const addresses: readonly CheckCase[] = [
  {
    ...dr,
    check: 'director/local-destination',
    apply: `sysctl -qw net.ipv4.conf.eth0.arp_ignore=1
ip address add 192.168.122.11/32 dev lo`,
    revert: `ip address del 192.168.122.11/32 dev lo
sysctl -qw net.ipv4.conf.eth0.arp_ignore=0`,
    outcome: 'fail',
    reason: /director1 is rs1 \(192\.168\.122\.11\) itself, and nothing on it listens on 192\.168\.122\.100:80/,
    batch: 1,
  },
  {
    ...nat,
    check: 'director/vip',
    apply: `ip address del ${vip}/32 dev eth0
ip address add ${vip}/32 dev lo
sysctl -qw net.ipv4.conf.all.arp_ignore=1`,
    revert: `sysctl -qw net.ipv4.conf.all.arp_ignore=0
ip address del ${vip}/32 dev lo
ip address add ${vip}/32 dev eth0`,
    outcome: 'fail',
    reason: /has the VIP 192\.168\.122\.100 on lo, and with arp_ignore=1 in force on eth0 answers nobody/,
    batch: 1,
  },
  {
    ...nat,
    check: 'director/vip',
    apply: `ip address del ${vip}/32 dev eth0`,
    revert: `ip address add ${vip}/32 dev eth0`,
    outcome: 'fail',
    reason: /director1 does not have the VIP 192\.168\.122\.100/,
    batch: 2,
  },
  {
    ...nat,
    check: 'director/ip-forward',
    ...sysctl('net.ipv4.ip_forward', '0', '1'),
    outcome: 'fail',
    reason: /net\.ipv4\.ip_forward=0/,
    batch: 1,
  },
  {
    ...nat,
    check: 'director/real-server-reach',
    on: 'rs2',
    apply: 'systemctl stop nginx',
    revert: 'systemctl start nginx',
    outcome: 'fail',
    reason: /does not get 200: .*rs2 \(10\.10\.10\.20:80\) refused/,
    batch: 1,
  },
  {
    ...nat,
    check: 'director/ipvsadm',
    apply: `p=$(command -v ipvsadm)
mv "$p" "$p.away"`,
    revert: 'for p in /usr/sbin /sbin; do if [ -e $p/ipvsadm.away ]; then mv $p/ipvsadm.away $p/ipvsadm; fi; done',
    outcome: 'fail',
    reason: /director1 has no ipvsadm/,
    batch: 6,
  },
];

/** Rules in the kernel. */
const rules: readonly CheckCase[] = [
  {
    ...nat,
    check: 'virtual-service/weights',
    apply: everyDestination('-w 0'),
    revert: everyDestination('-w 1'),
    outcome: 'fail',
    reason: /refuses every new connection of web: all destinations have weight 0/,
    batch: 1,
  },
  {
    ...nat,
    check: 'virtual-service/weights',
    apply: `ipvsadm -e -t ${vip}:80 -r 10.10.10.10:80 -m -w 5`,
    revert: everyDestination('-w 1'),
    outcome: 'warn',
    reason: /rr looks at none but 0/,
    batch: 2,
  },
  {
    ...nat,
    check: 'virtual-service/rules',
    apply: `ipvsadm -d -t ${vip}:80 -r 10.10.10.30:80`,
    revert: `ipvsadm -a -t ${vip}:80 -r 10.10.10.30:80 -m -w 1`,
    outcome: 'fail',
    reason: /no destination rs3/,
    batch: 2,
  },
  {
    ...nat,
    check: 'virtual-service/overload-threshold',
    apply: everyDestination('-w 1 -x 2'),
    revert: everyDestination('-w 1 -x 0'),
    outcome: 'fail',
    reason: /takes 6 connections at once by its thresholds, and profile smoke makes/,
    batch: 4,
  },
  {
    ...nat,
    check: 'virtual-service/hash-fallback',
    apply: `ipvsadm -E -t ${vip}:80 -s sh`,
    revert: `ipvsadm -E -t ${vip}:80 -s rr`,
    outcome: 'warn',
    reason: /that sh leads to .* once a threshold is reached there: sh-fallback is not among the flags/,
    batch: 4,
  },
  {
    ...nat,
    check: 'virtual-service/persistence',
    apply: `ipvsadm -E -t ${vip}:80 -s rr -p 300
ipvsadm -A -t ${vip}:443 -s rr -p 300
ipvsadm -a -t ${vip}:443 -r 10.10.10.10:443 -m
ipvsadm -a -t ${vip}:443 -r 10.10.10.20:443 -m`,
    revert: `ipvsadm -D -t ${vip}:443
ipvsadm -E -t ${vip}:80 -s rr`,
    outcome: 'warn',
    reason: /pins a client of -t 192\.168\.122\.100:80 and of -t 192\.168\.122\.100:443 apart/,
    batch: 5,
  },
  {
    ...nat,
    check: 'virtual-service/quiescence',
    apply: `ipvsadm -e -t ${vip}:80 -r 10.10.10.20:80 -m -w 0`,
    revert: `ipvsadm -e -t ${vip}:80 -r 10.10.10.20:80 -m -w 1`,
    outcome: 'warn',
    reason: /goes on sending persistent clients of web to 10\.10\.10\.20:80, which has weight 0/,
    batch: 5,
  },
];

/**
 * Not here: director/redirects (needs NAT on one interface), director/offloads (needs a card that merges packets),
 * director/connection-table (32,768 entries), director/removed-destinations (needs rules kept by keepalived),
 * director/ftp-application (needs an FTP service), director/real-server-role (needs two directors),
 * virtual-service/health-checker (not asked of a lab). Their unit tests show them.
 */
export const cases: readonly CheckCase[] = [...settings, ...ways, ...addresses, ...rules];
