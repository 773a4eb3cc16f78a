/** Names of what a host is asked for, by its role. */
import type { HostRole } from '../model/cluster.ts';

const interfaceKeys = [
  'rp_filter',
  'arp_ignore',
  'arp_announce',
  'arp_filter',
  'send_redirects',
  'accept_redirects',
  'accept_local',
  'forwarding',
  'proxy_arp',
  'log_martians',
  'src_valid_mark',
].map((key) => `net.ipv4.conf.*.${key}`);

const interfaceKeys6 = ['disable_ipv6', 'forwarding', 'accept_ra', 'accept_dad', 'accept_redirects', 'proxy_ndp'].map(
  (key) => `net.ipv6.conf.*.${key}`,
);

/** Of the hosts that packets of the service go through. */
const serverKeys = [
  ...interfaceKeys,
  ...interfaceKeys6,
  'net.ipv4.ip_forward',
  'net.ipv4.ip_nonlocal_bind',
  'net.ipv6.ip_nonlocal_bind',
  'net.ipv4.ip_no_pmtu_disc',
  'net.ipv4.tcp_mtu_probing',
  'net.ipv4.neigh.default.gc_thresh3',
  'net.ipv6.neigh.default.gc_thresh3',
  'net.netfilter.nf_conntrack_max',
  'net.netfilter.nf_conntrack_count',
  'net.netfilter.nf_conntrack_tcp_loose',
  'net.netfilter.nf_conntrack_tcp_be_liberal',
  'net.bridge.bridge-nf-call-arptables',
  'net.bridge.bridge-nf-call-ip6tables',
  'net.bridge.bridge-nf-call-iptables',
  'net.core.netdev_max_backlog',
  'fs.file-max',
];

/** Keys as in sysctl(8); `*` stands for every interface. */
export const sysctlKeys: Readonly<Record<HostRole, readonly string[]>> = {
  director: [...serverKeys, 'net.ipv4.vs.*'],
  'real-server': [
    ...serverKeys,
    'net.core.fb_tunnels_only_for_init_net',
    'net.core.somaxconn',
    'net.ipv4.tcp_abort_on_overflow',
    'net.ipv4.tcp_keepalive_time',
    'net.ipv4.tcp_max_syn_backlog',
    'net.ipv4.tcp_syncookies',
    'net.ipv4.tcp_timestamps',
    'net.ipv4.tcp_tw_recycle',
    'net.ipv6.bindv6only',
  ],
  client: [
    'net.ipv4.conf.*.rp_filter',
    'net.ipv4.ip_local_port_range',
    'net.ipv4.ip_local_reserved_ports',
    'net.ipv4.tcp_fin_timeout',
    'net.ipv4.tcp_timestamps',
    'net.ipv4.tcp_tw_reuse',
    'net.ipv6.conf.*.disable_ipv6',
    'net.netfilter.nf_conntrack_max',
    'net.netfilter.nf_conntrack_count',
  ],
};

const everywhere = ['nf_conntrack', 'br_netfilter', 'bonding', 'dummy', 'ipv6'];

/** Kernel modules that may be built in; `schedulers` by their short names. */
export function modulesFor(role: HostRole, schedulers: readonly string[]): readonly string[] {
  switch (role) {
    case 'director':
      return [...everywhere, 'ip_vs', ...schedulers.map((name) => `ip_vs_${name}`), 'ip_vs_ftp', 'ipip', 'ip6_tunnel'];
    case 'real-server':
      return [...everywhere, 'ipip', 'ip6_tunnel', 'sit', 'fou', 'ip_gre', 'arp_tables', 'arptable_filter'];
    case 'client':
      return everywhere;
  }
}

const clocks = ['chrony', 'chronyd', 'ntp', 'ntpd', 'ntpsec', 'openntpd', 'systemd-timesyncd'];
const networks = ['networking', 'NetworkManager', 'systemd-networkd', 'network', 'wicked'];
/** A socket starts sshd where distributions have it so. */
const logins = ['ssh', 'sshd', 'ssh.socket', 'sshd.socket'];
const firewalls = ['firewalld', 'nftables', 'iptables', 'ip6tables', 'netfilter-persistent', 'ufw', 'shorewall'];
const others = ['docker', 'kube-proxy', 'kubelet', 'k3s'];

const unitNames: Readonly<Record<HostRole, readonly string[]>> = {
  director: [
    ...clocks,
    ...networks,
    ...logins,
    ...firewalls,
    ...others,
    'keepalived',
    'ipvsadm',
    'ldirectord',
    'pacemaker',
  ],
  'real-server': [
    ...clocks,
    ...networks,
    ...logins,
    ...firewalls,
    ...others,
    'arptables',
    'nginx',
    'httpd',
    'apache2',
    'lighttpd',
    'caddy',
    'haproxy',
    'varnish',
    'tomcat',
    'keepalived',
  ],
  client: [...clocks, ...networks, ...logins],
};

/** Units with their suffix. */
export function unitsFor(role: HostRole): readonly string[] {
  return unitNames[role].map((name) => (name.includes('.') ? name : `${name}.service`));
}
