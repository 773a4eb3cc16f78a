import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { wayText, wayTo } from '../ways.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

/** DR changes nothing but the MAC: the frame has to reach the real server itself, for a router would send it by the VIP. */
export const realServerSegment = defineCheck({
  id: 'director/real-server-segment',
  title: 'Director and real servers share a segment',
  failureTitle: 'A router stands between the director and a real server',
  sees: ['dr-rip-not-on-link'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director-service',
  requires: ['routes'],
  inapplicable: ({ service: { name, forwarding } }) =>
    forwarding === 'dr' ? undefined : `${name} forwards by ${forwarding}, through routers if need be`,
  doc: {
    why:
      'With DR the packet still carries the VIP when it leaves the director. Given to a router it comes back to the director, ' +
      'or goes nowhere, and connections stay in SYN_RECV although the real server can be pinged. Real servers behind routers take TUN.',
    byHand: ['ip route get RIP # no "via"', 'ip neigh show to RIP'],
    references: ['net/netfilter/ipvs/ip_vs_xmit.c (ip_vs_dr_xmit)', 'LVS-HOWTO, LVS-DR'],
  },
  evaluate({ routes }, { host, service }, { evidence }) {
    const ways = service.destinations.map(({ realServer }) => ({ realServer, way: wayTo(routes, realServer.rip) }));
    const found = Object.fromEntries(ways.map(({ realServer, way }) => [realServer.name, wayText(way)]));
    const quoted = [quote(evidence('routes'), ...ways.map(({ realServer }) => realServer.rip))];
    const beyond = ways.filter(({ way }) => way?.outcome === 'unicast' && way.gateway !== undefined);
    if (beyond.length > 0)
      return fail({
        reason: `${host.name} reaches ${listed(beyond.map(({ realServer, way }) => `${realServer.name} (${realServer.rip}) ${wayText(way)}`))}: frames with the VIP in them would go to that router`,
        culprits: beyond.map(({ realServer }) => realServer.name),
        found,
        expected: Object.fromEntries(ways.map(({ realServer }) => [realServer.name, 'on link'])),
        evidence: quoted,
      });
    if (ways.some(({ way }) => way !== undefined && way.outcome !== 'unicast' && way.outcome !== 'local'))
      return notApplicable(
        `${host.name} has no way to a real server of ${service.name}; director/real-server-route says so`,
      );
    const unknown = ways.filter(({ way }) => way === undefined).map(({ realServer }) => realServer.rip);
    if (unknown.length > 0)
      return cannotTell(`${host.name} did not say which way it would go to ${listed(unknown)}`, quoted);
    return pass(found, quoted);
  },
});
