import type { CheckCase } from './case.ts';

const vip = '192.168.122.100';

/** Clients, and what concerns every host of the network. network/selinux-denials needs a host with SELinux. */
export const cases: readonly CheckCase[] = [
  {
    topology: 'nat',
    check: 'client/place',
    host: 'client1',
    on: 'rs3',
    // rs3 is reached through the director, so the client's address there is in nobody's way.
    apply: 'ip address add 192.168.122.1/32 dev lo',
    revert: 'ip address del 192.168.122.1/32 dev lo',
    outcome: 'fail',
    reason: /client1 \(192\.168\.122\.1\) is the real server rs3: answers to it do not come back through the director/,
    batch: 1,
  },
  {
    topology: 'dr',
    check: 'client/vip-route',
    host: 'client1',
    apply: `ip address add ${vip}/32 dev lo`,
    revert: `ip address del ${vip}/32 dev lo`,
    outcome: 'fail',
    reason: /client1 has the VIP 192\.168\.122\.100 itself/,
    batch: 3,
  },
  {
    topology: 'nat',
    check: 'client/ephemeral-ports',
    host: 'client1',
    apply: 'sysctl -qw net.ipv4.ip_local_port_range="40000 40039"',
    revert: 'sysctl -qw net.ipv4.ip_local_port_range="32768 60999"',
    outcome: 'fail',
    reason: /client1 has 40 source ports \(40000 to 40039\), and profile smoke holds/,
    batch: 1,
  },
  {
    topology: 'nat',
    check: 'network/name-resolution',
    host: 'rs2',
    apply: "cp -p /etc/hosts /etc/hosts.kept\necho '192.168.122.99 www.example.com' >> /etc/hosts",
    revert: 'cat /etc/hosts.kept > /etc/hosts\nrm /etc/hosts.kept',
    outcome: 'warn',
    reason: /rs2 resolves www\.example\.com to 192\.168\.122\.99, not to 192\.168\.122\.100/,
  },
  {
    topology: 'nat',
    check: 'network/mtu',
    host: 'rs2',
    apply: 'ip link set eth0 mtu 1400',
    revert: 'ip link set eth0 mtu 1500',
    outcome: 'warn',
    reason: /rs2 has MTU 1400 on eth0, and .*director1 1500.* on the same network 10\.10\.10\.0\/24/,
  },
];
