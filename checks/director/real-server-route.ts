import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { wayText, wayTo } from '../ways.ts';
import { cannotTell, defineCheck, fail, pass } from '../../lib/model/check.ts';

/** IPVS asks the routes itself, and answers the client with ICMP where they lead nowhere: at once, and for every protocol. */
export const realServerRoute = defineCheck({
  id: 'director/real-server-route',
  title: 'Director has a way to every real server',
  failureTitle: 'Director has no way to a real server',
  sees: ['director-no-route-to-rs'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director-service',
  requires: ['routes'],
  doc: {
    why:
      'Where no route leads to a real server, or one that says unreachable, prohibit or blackhole, IPVS answers its share of the ' +
      'connections itself: clients get "no route to host" at once, not after the three seconds of a host that is down, and an ' +
      'entry stays in SYN_RECV for each.',
    byHand: ['ip route get RIP', 'ip route show match RIP table all', 'ip rule'],
    references: [
      'net/netfilter/ipvs/ip_vs_xmit.c (__ip_vs_get_out_rt)',
      'ip-route(8), unreachable, blackhole, prohibit',
    ],
  },
  evaluate({ routes }, { host, service }, { evidence }) {
    const ways = service.destinations.map(({ realServer }) => ({ realServer, way: wayTo(routes, realServer.rip) }));
    const found = Object.fromEntries(ways.map(({ realServer, way }) => [realServer.name, wayText(way)]));
    const quoted = [quote(evidence('routes'), ...ways.map(({ realServer }) => realServer.rip))];
    const lost = ways.filter(({ way }) => way !== undefined && way.outcome !== 'unicast' && way.outcome !== 'local');
    if (lost.length > 0) {
      return fail({
        reason: `${host.name} has no way to ${listed(lost.map(({ realServer, way }) => `${realServer.name} (${realServer.rip}): its kernel says ${wayText(way)}`))}`,
        culprits: lost.map(({ realServer }) => realServer.name),
        found,
        expected: Object.fromEntries(lost.map(({ realServer }) => [realServer.name, 'on link, or through a router'])),
        evidence: quoted,
      });
    }
    const unknown = ways.filter(({ way }) => way === undefined).map(({ realServer }) => realServer.rip);
    if (unknown.length > 0)
      return cannotTell(`${host.name} did not say which way it goes to ${listed(unknown)}`, quoted);
    return pass(found, quoted);
  },
});
