/** Packet filters of lab hosts, which have iptables-legacy: rules put in front, and taken away again. */
import { faultNamed } from '../../../lab/faults/index.ts';
import type { CheckCase } from './case.ts';

/** Puts one rule in front, and takes it away. */
const rule = (table: string, words: string, command = 'iptables'): Pick<CheckCase, 'apply' | 'revert'> => ({
  apply: `${command} -t ${table} -I ${words}`,
  revert: `${command} -t ${table} -D ${words}`,
});

const vip = '192.168.122.100';
const web = `-d ${vip} -p tcp --dport 80`;
/** A stateful INPUT for one port, as the lab's own fault has it. */
const statefulInput = faultNamed('director-stateful-input-dr');
const stateful = { apply: statefulInput.apply, revert: statefulInput.revert('') };

export const cases: readonly CheckCase[] = [
  {
    topology: 'nat',
    check: 'director/firewall',
    host: 'director1',
    ...rule('filter', `INPUT ${web} -j DROP`),
    outcome: 'fail',
    reason: /drops requests from .* to 192\.168\.122\.100:80 in INPUT at the rule/,
  },
  {
    topology: 'nat',
    check: 'director/firewall',
    host: 'director1',
    ...rule('filter', 'OUTPUT -d 10.10.10.10 -p tcp --dport 80 -j DROP'),
    outcome: 'fail',
    reason: /drops requests to 10\.10\.10\.10:80 in OUTPUT/,
    batch: 1,
  },
  {
    topology: 'nat',
    check: 'director/firewall',
    host: 'director1',
    apply: 'iptables -P FORWARD DROP',
    revert: 'iptables -P FORWARD ACCEPT',
    outcome: 'fail',
    reason: /drops answers from 10\.10\.10\.\d+:80 to .* in FORWARD at the drop policy/,
    batch: 2,
  },
  {
    topology: 'nat',
    check: 'director/firewall',
    host: 'director1',
    apply: 'iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\niptables -P FORWARD DROP',
    revert: 'iptables -P FORWARD ACCEPT\niptables -D FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
    outcome: 'fail',
    reason: /with net\.ipv4\.vs\.conntrack=0 stateful rules do not know them/,
    batch: 3,
  },
  {
    topology: 'nat',
    check: 'director/vip-translation',
    host: 'director1',
    ...rule('nat', `PREROUTING ${web} -j DNAT --to-destination 10.10.10.10`),
    outcome: 'fail',
    reason: /gives packets for 192\.168\.122\.100:80 another destination before IPVS sees them/,
    batch: 1,
  },
  {
    topology: 'nat',
    check: 'director/masquerade',
    host: 'director1',
    ...rule('nat', 'POSTROUTING -d 10.10.10.0/24 -j MASQUERADE'),
    outcome: 'warn',
    reason: /does nothing while net\.ipv4\.vs\.conntrack is 0/,
    batch: 2,
  },
  {
    topology: 'nat',
    check: 'real-server/firewall',
    host: 'rs1',
    ...rule('filter', 'INPUT -p tcp --dport 80 -j DROP'),
    outcome: 'fail',
    reason: /drops requests from .* to 10\.10\.10\.10:80 in INPUT/,
  },
  {
    topology: 'nat',
    check: 'real-server/firewall',
    host: 'rs2',
    ...rule('filter', 'INPUT -p tcp --dport 80 -j REJECT --reject-with icmp-host-prohibited'),
    outcome: 'fail',
    reason: /rejects requests from .* to 10\.10\.10\.20:80 in INPUT/,
  },
  ...(['dr', 'tun'] as const).flatMap((topology): readonly CheckCase[] => [
    {
      topology,
      check: 'director/firewall',
      host: 'director1',
      ...stateful,
      outcome: 'fail',
      reason: /clients connect and hang/,
    },
    {
      topology,
      check: 'director/firewall',
      host: 'director1',
      ...rule('filter', `INPUT ${web} -m conntrack --ctstate INVALID -j DROP`),
      outcome: 'warn',
      reason: /stops the FIN of clients/,
      batch: 1,
    },
    {
      topology,
      check: 'director/icmp-filter',
      host: 'director1',
      ...rule('filter', `INPUT -d ${vip} -p icmp -j DROP`),
      outcome: 'warn',
      reason: /drops "fragmentation needed" to 192\.168\.122\.100/,
    },
    {
      topology,
      check: 'real-server/firewall',
      host: 'rs1',
      ...rule('filter', `INPUT ${web} -j DROP`),
      outcome: 'fail',
      reason: /drops requests from .* to 192\.168\.122\.100:80 in INPUT/,
    },
    {
      topology,
      check: 'real-server/firewall',
      host: 'rs2',
      ...rule('filter', `OUTPUT -s ${vip} -j DROP`),
      outcome: 'fail',
      reason: /drops answers from 192\.168\.122\.100:80 to .* in OUTPUT/,
    },
  ]),
  {
    topology: 'dr',
    check: 'director/firewall',
    host: 'director1',
    ...rule('filter', `OUTPUT ${web} -j DROP`),
    outcome: 'fail',
    reason: /drops requests to 192\.168\.122\.100:80 in OUTPUT/,
    batch: 2,
  },
  {
    topology: 'tun',
    check: 'director/firewall',
    host: 'director1',
    ...rule('filter', 'OUTPUT -p 4 -j DROP'),
    outcome: 'fail',
    reason: /drops tunnelled requests \(IP protocol 4\) to 10\.20\.1\.11 in OUTPUT/,
    batch: 2,
  },
  {
    topology: 'tun',
    check: 'real-server/firewall',
    host: 'rs3',
    ...rule('filter', 'INPUT -p 4 -j DROP'),
    outcome: 'fail',
    reason: /drops tunnelled requests \(IP protocol 4\) from 192\.168\.122\.10 to 10\.20\.3\.11 in INPUT/,
  },
  {
    topology: 'dr-v6',
    check: 'network/neighbour-discovery',
    host: 'rs1',
    ...rule('filter', 'INPUT -p ipv6-icmp --icmpv6-type neighbour-advertisement -j DROP', 'ip6tables-legacy'),
    outcome: 'fail',
    reason: /drops neighbour advertisements for .* in INPUT/,
  },
  {
    topology: 'dr-v6',
    check: 'director/icmp-filter',
    host: 'director1',
    ...rule('filter', 'INPUT -p ipv6-icmp --icmpv6-type packet-too-big -j DROP', 'ip6tables-legacy'),
    outcome: 'warn',
    reason: /drops "packet too big" to/,
  },
  {
    topology: 'dr-v6',
    check: 'real-server/firewall',
    host: 'rs2',
    ...rule('filter', 'INPUT -p tcp --dport 80 -j DROP', 'ip6tables-legacy'),
    outcome: 'fail',
    reason: /drops requests from .* to \[.*\]:80 in INPUT/,
  },
];
