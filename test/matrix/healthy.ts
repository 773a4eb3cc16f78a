/** Healthy clusters: as the lab makes them, and set up otherwise than most are, as the field has them too. Nothing may be named. */

export interface HealthyVariant {
  readonly name: string;
  readonly topologies: readonly string[];
  /** sh lines, as root: what makes it so, and what takes it back. */
  readonly changes: readonly { readonly on: string; readonly apply: string; readonly revert: string }[];
}

const vip = '192.168.122.100';
const direct = ['dr', 'dr-routed'];

const one = (
  topologies: readonly string[],
  on: string,
  name: string,
  apply: readonly string[],
  revert: readonly string[],
): HealthyVariant => ({
  name,
  topologies,
  changes: [{ on, apply: apply.join(' && '), revert: revert.join(' && ') }],
});

const silentBy = (ignore: number, announce: number, name: 'all' | 'eth0') =>
  `sysctl -qw net.ipv4.conf.${name}.arp_ignore=${ignore} net.ipv4.conf.${name}.arp_announce=${announce}`;
const moved = (from: string, to: string) =>
  `ip address del ${vip}/32 dev ${from} && ip address add ${vip}/32 dev ${to}`;
const stateless = `-d ${vip} -p tcp --dport 80`;

export const healthyVariants: readonly HealthyVariant[] = [
  { name: 'as made', topologies: ['nat', 'dr', 'dr-routed', 'tun', 'dr-v6', 'mixed', 'ha', 'ha-nat'], changes: [] },

  one(
    ['nat'],
    'rs2',
    'a real server reaches its gateway by a rule for its own address, and has no default route',
    [
      'ip route add default via 10.10.10.1 table 97',
      'ip rule add pref 70 from 10.10.10.20 lookup 97',
      'ip route del default',
    ],
    ['ip route add default via 10.10.10.1', 'ip rule del pref 70', 'ip route flush table 97'],
  ),
  one(
    ['nat', 'dr', 'tun'],
    'director1',
    'the director has the VIP on a dummy interface that is down, and answers for it on the others',
    ['ip link add vip0 type dummy', moved('eth0', 'vip0')],
    ['ip link del vip0', `ip address add ${vip}/32 dev eth0`],
  ),
  one(
    ['nat'],
    'director1',
    'the director forwards by state, and IPVS is tracked',
    [
      'sysctl -qw net.ipv4.vs.conntrack=1',
      'iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
      'iptables -P FORWARD DROP',
    ],
    [
      'iptables -P FORWARD ACCEPT',
      'iptables -D FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
      'sysctl -qw net.ipv4.vs.conntrack=0',
    ],
  ),
  one(
    ['nat'],
    'rs2',
    'a real server listens on another port, to which a rule redirects',
    [
      'cp -p /etc/nginx/nginx.conf /etc/nginx/nginx.conf.found',
      "sed -i 's/listen 80 /listen 8080 /' /etc/nginx/nginx.conf",
      'systemctl restart nginx',
      'iptables -t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080',
    ],
    [
      'iptables -t nat -D PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080',
      'mv /etc/nginx/nginx.conf.found /etc/nginx/nginx.conf',
      'systemctl restart nginx',
    ],
  ),
  one(
    ['nat'],
    'rs2',
    'a real server lets in the service, SSH and what it began, and drops the rest',
    [
      'iptables -A INPUT -i lo -j ACCEPT',
      'iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
      'iptables -A INPUT -p tcp -m multiport --dports 22,80 -j ACCEPT',
      'iptables -P INPUT DROP',
    ],
    ['iptables -P INPUT ACCEPT', 'iptables -F INPUT'],
  ),

  one(
    direct,
    'rs2',
    'a real server is silent by settings of its interface alone',
    [silentBy(1, 2, 'eth0'), silentBy(0, 0, 'all')],
    [silentBy(1, 2, 'all'), silentBy(0, 0, 'eth0')],
  ),
  one(
    direct,
    'rs2',
    'a real server is silent by arp_ignore 2',
    ['sysctl -qw net.ipv4.conf.all.arp_ignore=2'],
    ['sysctl -qw net.ipv4.conf.all.arp_ignore=1'],
  ),
  one(
    direct,
    'rs2',
    'a real server has the VIP on an interface of the kind dummy',
    ['ip link add vip0 type dummy', 'ip link set vip0 up', moved('lo', 'vip0')],
    [moved('vip0', 'lo'), 'ip link del vip0'],
  ),
  one(
    direct,
    'rs2',
    'a real server takes the VIP by a local route, and has no such address',
    [`ip address del ${vip}/32 dev lo`, `ip route add local ${vip}/32 dev lo`],
    [`ip route del local ${vip}/32 dev lo`, `ip address add ${vip}/32 dev lo`],
  ),
  one(
    direct,
    'rs2',
    'a real server takes the VIP by a rule that redirects, and has no such address',
    [`iptables -t nat -A PREROUTING ${stateless} -j REDIRECT --to-ports 80`, `ip address del ${vip}/32 dev lo`],
    [`ip address add ${vip}/32 dev lo`, `iptables -t nat -D PREROUTING ${stateless} -j REDIRECT --to-ports 80`],
  ),
  one(
    direct,
    'rs2',
    'a real server with one interface filters strictly by reverse path',
    ['sysctl -qw net.ipv4.conf.all.rp_filter=1'],
    ['sysctl -qw net.ipv4.conf.all.rp_filter=0'],
  ),
  one(
    ['dr', 'dr-routed', 'tun'],
    'director1',
    'the director forwards nothing, which answers do not need',
    ['iptables -P FORWARD DROP'],
    ['iptables -P FORWARD ACCEPT'],
  ),
  one(
    ['dr', 'dr-routed', 'tun'],
    'director1',
    'the director lets the service in before it looks at states',
    [
      'iptables -A INPUT -i lo -j ACCEPT',
      `iptables -A INPUT ${stateless} -j ACCEPT`,
      'iptables -A INPUT -p icmp -j ACCEPT',
      'iptables -A INPUT -m conntrack --ctstate INVALID -j DROP',
      'iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
      'iptables -A INPUT -p tcp --dport 22 -j ACCEPT',
      'iptables -P INPUT DROP',
    ],
    ['iptables -P INPUT ACCEPT', 'iptables -F INPUT'],
  ),

  one(['tun'], 'rs2', 'a real server has the VIP on lo', [moved('tunl0', 'lo')], [moved('lo', 'tunl0')]),
  one(
    ['tun'],
    'rs2',
    'a real server filters loosely by reverse path where the tunnel ends',
    ['sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.tunl0.rp_filter=2'],
    ['sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.tunl0.rp_filter=0'],
  ),
  one(
    ['tun'],
    'rs2',
    'a real server clamps segments by its packet filter',
    [
      `iptables -t mangle -A OUTPUT -s ${vip} -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1440`,
      'ip route replace default via 10.20.2.254',
    ],
    [
      'ip route replace default via 10.20.2.254 advmss 1440',
      `iptables -t mangle -D OUTPUT -s ${vip} -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1440`,
    ],
  ),
];
