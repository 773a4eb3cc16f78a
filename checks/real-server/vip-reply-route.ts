import { entryOf, sameAddress } from '../address.ts';
import { isOwn, notDirect, wayFrom } from '../direct-forwarding.ts';
import { keepMainTableRule } from '../lasting-network.ts';
import { lasting } from '../lasting-places.ts';
import { persistedOf } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { ipCommand } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { wayText, wayTo } from '../ways.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

/**
 * With DR and TUN the real server answers from the VIP, and not through the director. What counts is the kernel's decision
 * for a packet from the VIP: a rule may choose another table by the source.
 */
export const vipReplyRoute = defineCheck({
  id: 'real-server/vip-reply-route',
  title: 'Answers from the VIP have a way to the clients',
  failureTitle: 'Answers from the VIP have no way to a client',
  sees: ['rs-no-default-route', 'rs-asymmetric-route', 'rs-vip-wrong-prefix', 'duplicate-ip'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['routes', 'addresses'],
  requiresOfAll: ['persistedNetwork'],
  inapplicable: (subject) =>
    notDirect(subject) ??
    (subject.cluster.clients.length === 0 ? 'The cluster file names no client to answer to' : undefined),
  doc: {
    why:
      'The connection stays in SYN_RECV on the director and the client times out; clients in the segment of the real server ' +
      'may fare well, and so does the health check of the director.',
    byHand: ['ip route get CIP from VIP', 'ip rule', 'nstat -az IpOutNoRoutes', 'ss -Htan state syn-recv'],
    references: ['net/ipv4/route.c (ip_route_output_key_hash_rcu)', 'ip-rule(8)', 'LVS-HOWTO, LVS-DR'],
  },
  evaluate({ routes, addresses }, { cluster, host, service }, { evidence, everyone }) {
    const { vip } = service;
    const own = isOwn(addresses, routes, vip);
    // A packet that a rule took for somebody else is answered from there, and only then rewritten.
    const source = own ? vip : host.rip;
    const clients = cluster.clients.filter(({ cip }) => cip.includes(':') === vip.includes(':'));
    const decisions = clients.map((client) => ({
      client,
      way: wayFrom(routes, client.cip, source),
      plain: wayTo(routes, client.cip),
    }));
    if (decisions.length === 0)
      return notApplicable(`No client of the cluster file has an address of the family of ${vip}`);
    const found = Object.fromEntries(decisions.map(({ client, way }) => [client.cip, wayText(way)]));
    const quoted = [quote(evidence('routes'), ...clients.map(({ cip }) => cip))];
    const lost = decisions.find(({ way }) => way !== undefined && !leaves(way.outcome));
    if (lost?.way !== undefined) {
      const { client, way, plain } = lost;
      const otherwise =
        plain?.outcome === 'unicast'
          ? `; from another source it would go ${wayText(plain)}, so a rule stands in the way`
          : '';
      const ip = ipCommand(vip);
      return fail({
        reason: `${host.name} has no way to answer ${client.name} (${client.cip}) from ${source}: its kernel says ${way.outcome}${otherwise}`,
        faults: [plain?.outcome === 'unicast' ? 'rs-asymmetric-route' : 'rs-no-default-route'],
        found,
        expected: { [client.cip]: 'a way out' },
        evidence: quoted,
        ...(plain?.outcome === 'unicast' && plain.gateway !== undefined
          ? {
              remedy: lasting(
                {
                  host: host.name,
                  summary: `Choose the way for answers from ${source} by the main table, before the rule that stands in the way`,
                  commands: [`${ip} rule add from ${source} lookup main pref 100`],
                  undo: [`${ip} rule del from ${source} lookup main pref 100`],
                },
                keepMainTableRule(persistedOf(everyone.get(host.name)), source, plain.interface),
              ),
            }
          : {}),
      });
    }
    const unknown = decisions.filter(({ way }) => way === undefined).map(({ client }) => client.cip);
    if (unknown.length > 0)
      return cannotTell(`${host.name} did not say which way it would answer ${listed(unknown)} from ${source}`, quoted);
    const here = decisions.find(({ way, client }) => way?.outcome === 'local' && !sameAddress(client.cip, host.rip));
    if (here !== undefined)
      return fail({
        reason: `${host.name} takes the address of ${here.client.name} (${here.client.cip}) for its own, so its answers never leave it`,
        faults: [entryOf(addresses, here.client.cip) !== undefined ? 'duplicate-ip' : 'rs-vip-wrong-prefix'],
        found,
        expected: { [here.client.cip]: 'a way out' },
        evidence: quoted,
      });
    return pass(found, quoted);
  },
});

/** Answers to a client that is the host itself need not leave it; whether that is so is judged apart. */
function leaves(outcome: string): boolean {
  return outcome === 'unicast' || outcome === 'local' || outcome === 'source-not-local';
}
