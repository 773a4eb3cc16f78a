import { labFaults, named, ofWeb } from './fault.ts';
import { filterRule } from './packet-filter.ts';

const web = '-d 192.168.122.100 -p tcp --dport 80';

/** What PREROUTING translates is for the VIP no more when IPVS looks at it. */
export const faults = labFaults(
  'dnat-rule-steals-vip',
  {
    title: 'A director translates the VIP to the address of a real server, as for a container',
    topologies: ['nat', 'dr', 'tun'],
    targets: 'director',
    ...filterRule(`-t nat PREROUTING ${web} -j DNAT --to-destination $(getent hosts rs1 | sed "s/ .*//")`),
    expect: named('dnat-rule-steals-vip', 'director/vip-translation', ofWeb),
  },
  {
    way: 'redirect',
    title: 'A director redirects what comes for the VIP to a port of its own',
    topologies: ['nat', 'dr', 'tun'],
    targets: 'director',
    ...filterRule(`-t nat PREROUTING ${web} -j REDIRECT --to-ports 8080`),
    expect: named('dnat-rule-steals-vip', 'director/vip-translation', ofWeb),
  },
);
