import ipaddr from 'ipaddr.js';
import { isIpv6, sameAddress } from '../address.ts';
import { noPorts } from '../director-packets.ts';
import { policyEvidence, ruleEvidence, stopEvidence } from '../firewall-evidence.ts';
import { type Leg, obstacle, stopText, undecidedBy, verbOf } from '../firewall-path.ts';
import { acceptance } from '../firewall-remedy.ts';
import { cannotTell, defineCheck, fail, pass } from '../../lib/model/check.ts';
import type { Cluster, ClusterHost } from '../../lib/model/cluster.ts';

/** What ARP is for IPv4 is ICMPv6 for IPv6, and so passes the packet filter. */
export const neighbourDiscovery = defineCheck({
  id: 'network/neighbour-discovery',
  title: 'IPv6 neighbour discovery passes the packet filter',
  failureTitle: 'IPv6 neighbour discovery is stopped',
  sees: ['v6-icmp-filtered'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'host',
  requires: ['firewall'],
  doc: {
    why:
      'A host that drops neighbour solicitations or advertisements is found by nobody, or finds nobody: clients get "no ' +
      'route to host" after three seconds.',
    byHand: ['ip6tables-save -c', 'nft list ruleset', 'ip -6 neigh'],
    references: ['RFC 4890', 'RFC 4861'],
  },
  inapplicable({ cluster, host }) {
    if (host.role === 'client') return 'The packet filter of a client is its own affair';
    return addressesOf(cluster, host).some(isIpv6) ? undefined : `${host.name} has no IPv6 address in the cluster file`;
  },
  evaluate({ firewall }, { cluster, host }, { evidence }) {
    const addresses = addressesOf(cluster, host).filter(isIpv6);
    const legs = addresses.flatMap((address): readonly Leg[] => {
      const wire = host.role === 'director' && !sameAddress(address, host.dip) ? host.vipInterface : host.interface;
      const packet = {
        protocol: 'icmpv6',
        sourcePorts: noPorts,
        destinationPorts: noPorts,
        wayBack: true,
      } as const;
      const arriving = (what: string, icmp: readonly [number, number], to = address): Leg => ({
        what: `${what} for ${address}`,
        hook: 'input',
        packet: {
          ...packet,
          destination: to,
          destinationType: to === address ? 'local' : 'multicast',
          icmp,
          state: 'untracked',
          ...(wire === undefined ? {} : { inInterface: wire }),
        },
      });
      const leaving = (what: string, icmp: readonly [number, number], to = address): Leg => ({
        what,
        hook: 'output',
        packet: {
          ...packet,
          source: address,
          // A neighbour's is of the same network as its own.
          destination: to,
          icmp,
          state: 'untracked',
          destinationType: to === address ? 'unicast' : 'multicast',
          ...(wire === undefined ? {} : { outInterface: wire }),
        },
      });
      return [
        // conntrack leaves them out (nf_conntrack_proto_icmpv6.c).
        arriving('neighbour solicitations', [135, 0], solicitedNode(address)),
        arriving('neighbour advertisements', [136, 0]),
        leaving(`neighbour solicitations from ${address}`, [135, 0], solicitedNode(address)),
        leaving(`neighbour advertisements from ${address}`, [136, 0]),
      ];
    });
    const found = { engines: firewall.engines, addresses };
    const stop = obstacle(firewall, legs);
    if (stop === undefined) return pass(found, [policyEvidence(evidence('firewall'))]);
    const { leg, fate } = stop;
    if (fate.kind === 'undecided') {
      return cannotTell(
        `Whether ${host.name} lets ${leg.what} through depends on ${undecidedBy(leg.hook, fate.rules)}`,
        ruleEvidence(evidence('firewall'), fate.rules),
      );
    }
    const remedy = acceptance(host.name, firewall, { leg, stop: fate });
    return fail({
      reason: `${host.name} ${verbOf(fate)} ${leg.what} in ${leg.hook.toUpperCase()} at ${stopText(leg.hook, fate)}`,
      found: { ...found, stoppedBy: fate.rule?.text ?? `policy ${fate.verdict}` },
      expected: 'ICMPv6 types 135 and 136 are accepted both ways',
      evidence: stopEvidence(evidence('firewall'), leg.hook, fate),
      ...(remedy === undefined ? {} : { remedy }),
    });
  },
});

/** Its own, and the VIPs that are asked for by neighbour discovery: a director's. */
function addressesOf(cluster: Cluster, host: ClusterHost): readonly string[] {
  switch (host.role) {
    case 'director':
      return [...new Set([host.dip, ...cluster.virtualServices.map(({ vip }) => vip)])];
    case 'real-server':
      return [host.rip];
    case 'client':
      return [host.cip];
  }
}

/** Where neighbours ask for the address: ff02::1:ff00:0/104 with its last three bytes (RFC 4291, 2.7.1). */
function solicitedNode(address: string): string {
  const bytes = ipaddr.parse(address).toByteArray();
  const group = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, ...bytes.slice(-3)];
  return ipaddr.fromByteArray(group).toString();
}
