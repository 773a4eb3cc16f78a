import { isIpv6 } from '../address.ts';
import { noPorts } from '../director-packets.ts';
import { policyEvidence, ruleEvidence, stopEvidence } from '../firewall-evidence.ts';
import { fateOf, type Leg, obstacle, stopText, undecidedBy, verbOf } from '../firewall-path.ts';
import { acceptance } from '../firewall-remedy.ts';
import { cannotTell, defineCheck, pass, warn } from '../../lib/model/check.ts';

/**
 * Answers of DR and TUN have the VIP as their source, so a router that cannot pass them tells the director, which has the
 * VIP: IPVS hands the message on to the real server, if INPUT lets it in.
 */
export const icmpFilter = defineCheck({
  id: 'director/icmp-filter',
  title: 'Messages about too large packets reach IPVS',
  failureTitle: 'Messages about too large packets are stopped before IPVS',
  sees: ['pmtu-icmp-dropped-at-director', 'v6-icmp-filtered'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'director-service',
  requires: ['firewall'],
  doc: {
    why:
      'With DR and TUN a router that finds an answer too large sends "fragmentation needed" (IPv6: "packet too big") to the ' +
      'VIP, that is to the director. Where INPUT drops it the real server never learns of it: small answers arrive, large ' +
      'ones hang, and only for clients behind the smaller link.',
    byHand: ['nft list ruleset', 'iptables-save -c', 'ip6tables-save -c'],
    references: ['net/netfilter/ipvs/ip_vs_core.c (ip_vs_in_icmp)', 'RFC 1191', 'RFC 8201'],
  },
  inapplicable({ service }) {
    return service.forwarding === 'nat'
      ? `${service.name} forwards by nat: such messages belong to connections whose answers pass the director`
      : undefined;
  },
  evaluate({ firewall }, { host, service }, { evidence }) {
    const six = isIpv6(service.vip);
    const name = six ? 'packet too big' : 'fragmentation needed';
    // IPVS keeps no connection of conntrack that the message could be RELATED to.
    const message: Leg = {
      what: `"${name}" to ${service.vip}`,
      hook: 'input',
      packet: {
        protocol: six ? 'icmpv6' : 'icmp',
        destination: service.vip,
        sourcePorts: noPorts,
        destinationPorts: noPorts,
        icmp: six ? [2, 0] : [3, 4],
        inInterface: host.vipInterface,
        state: 'invalid',
        // Whoever sends it: the router may be anywhere.
        wayBack: true,
      },
    };
    const found = { engines: firewall.engines, input: fateOf(firewall, 'input', message.packet).kind };
    const stop = obstacle(firewall, [message]);
    if (stop === undefined) return pass(found, [policyEvidence(evidence('firewall'))]);
    const { fate } = stop;
    if (fate.kind === 'undecided') {
      return cannotTell(
        `Whether ${host.name} lets ${message.what} in depends on ${undecidedBy('input', fate.rules)}`,
        ruleEvidence(evidence('firewall'), fate.rules),
      );
    }
    const remedy = acceptance(host.name, firewall, { leg: message, stop: fate });
    return warn({
      reason: `${host.name} ${verbOf(fate)} ${message.what} at ${stopText('input', fate)}: large answers hang where a link on the way is smaller`,
      faults: [six ? 'v6-icmp-filtered' : 'pmtu-icmp-dropped-at-director'],
      found: { ...found, stoppedBy: fate.rule?.text ?? `policy ${fate.verdict}` },
      expected: `${name} to ${service.vip} is accepted`,
      evidence: stopEvidence(evidence('firewall'), 'input', fate),
      ...(remedy === undefined ? {} : { remedy }),
    });
  },
});
