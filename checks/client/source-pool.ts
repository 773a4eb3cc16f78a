import { entryOf, isIpv6 } from '../address.ts';
import { wayFrom } from '../direct-forwarding.ts';
import { quote } from '../quotation.ts';
import { counted, listed } from '../sentences.ts';
import { wayText, wayTo } from '../ways.ts';
import { cannotTell, defineCheck, fail, pass } from '../../lib/model/check.ts';
import { type Client, type Cluster, type ClusterHost, sourcesOf } from '../../lib/model/cluster.ts';
import type { RouteDecision } from '../../lib/model/facts.ts';

/**
 * What is judged of the CIP (reply-route, client-route, vip-reply-route) holds for the whole pool only if answers to each
 * of its addresses take the same way: the kernel of everybody who answers is asked about each one.
 */
export const sourcePool = defineCheck({
  id: 'client/source-pool',
  title: 'Answers find the way back to every address of the pool',
  failureTitle: 'Answers to addresses of the pool take another way',
  sees: [],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'client',
  requires: ['addresses'],
  requiresOfAll: ['routes'],
  inapplicable: ({ host }) => (host.pool === undefined ? `${host.name} has one address and no pool` : undefined),
  doc: {
    why:
      'One source address goes to one real server with persistence and with the schedulers sh, mh and dh, and has 28,000 ports: ' +
      'a pool has many. Connections from an address that answers do not get back to time out, and look like a cluster that fails.',
    byHand: ['ip route get ADDRESS # on the director and on each real server', 'ip -o address show # on the client'],
    references: ['ip-route(8)', 'ip-address(8)'],
  },
  evaluate({ addresses }, { cluster, host }, { evidence, everyone }) {
    const sources = sourcesOf(host);
    const present = sources.filter((source) => entryOf(addresses, source) !== undefined);
    const answering = respondents(cluster, host);
    const wrong: string[] = [];
    const unknown: string[] = [];
    const quoted = [quote(evidence('addresses'), ...sources)];
    for (const one of answering) {
      const fact = everyone.get(one.name)?.routes;
      if (fact?.known !== true) {
        unknown.push(one.name);
        continue;
      }
      const own = wayBack(fact.value, one, host.cip);
      const ways = sources.map((source) => ({ source, way: wayBack(fact.value, one, source) }));
      const differing = ways.filter(({ way }) => way?.outcome !== 'unicast' || !sameWay(way, own));
      if (differing.length === 0) continue;
      const { source, way } = differing[0] ?? { source: '', way: undefined };
      quoted.push(quote(fact.evidence, source, host.cip));
      if (way === undefined) unknown.push(one.name);
      else
        wrong.push(
          `${one.name} answers ${source}${differing.length > 1 ? ` and ${differing.length - 1} more` : ''} ${wayText(way)}` +
            (way.outcome === 'unicast' ? `, and ${host.cip} ${wayText(own)}` : ''),
        );
    }
    const found = { addresses: sources.length, present: present.length, asked: answering.map(({ name }) => name) };
    if (wrong.length > 0) {
      return fail({
        reason: wrong.join('; '),
        found,
        expected: `the way back of ${host.cip} for all ${counted(sources.length, 'address', 'addresses')}`,
        evidence: quoted,
      });
    }
    if (unknown.length > 0)
      return cannotTell(`Which way ${listed(unknown)} would answer the pool of ${host.name} is not known`, quoted);
    return pass(found, quoted);
  },
});

/** Hosts that send packets to the clients: with NAT directors too. */
function respondents({ directors, realServers, virtualServices }: Cluster, { cip }: Client): readonly ClusterHost[] {
  const services = virtualServices.filter(({ vip }) => isIpv6(vip) === isIpv6(cip));
  const nat = services.some(({ forwarding }) => forwarding === 'nat');
  const serving = realServers.filter(({ name }) =>
    services.some(({ destinations }) => destinations.some(({ realServer }) => realServer.name === name)),
  );
  return [...(nat ? directors : []), ...serving];
}

function wayBack(routes: readonly RouteDecision[], from: ClusterHost, to: string): RouteDecision | undefined {
  return (from.role === 'real-server' ? wayFrom(routes, to, from.rip) : undefined) ?? wayTo(routes, to);
}

function sameWay(one: RouteDecision, other: RouteDecision | undefined): boolean {
  return one.gateway === other?.gateway && one.interface === other?.interface;
}
