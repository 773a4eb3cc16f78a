import { labFaults, named } from './fault.ts';
import { added } from './means.ts';

const marking = 'PREROUTING -d 192.168.122.103/32 -p tcp -m tcp --dport 8080 -j MARK --set-xmark';
const plain = `${marking} 0x1/0xffffffff`;

/** The service goes by a mark that no packet has. */
export const faults = labFaults(
  'fwmark-not-set',
  {
    title: 'No rule gives the mark that a service goes by',
    topologies: ['mixed'],
    targets: 'director',
    ...added([`iptables -t mangle -D ${plain}`], [`iptables -t mangle -A ${plain}`]),
    expect: named('fwmark-not-set', 'director/firewall-mark', { service: 'marked' }),
  },
  {
    way: 'other-mark',
    title: 'A rule gives another mark than the one a service goes by',
    topologies: ['mixed'],
    targets: 'director',
    ...added(
      [`iptables -t mangle -D ${plain}`, `iptables -t mangle -A ${marking} 0x10/0xffffffff`],
      [`iptables -t mangle -D ${marking} 0x10/0xffffffff`, `iptables -t mangle -A ${plain}`],
    ),
    expect: named('fwmark-not-set', 'director/firewall-mark', { service: 'marked' }),
  },
);
