import { sameAddress } from '../address.ts';
import { holds, judgedElsewhere, placeText, quoteLines, sidesOf } from '../director-pair.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import type { Cluster, RealServer } from '../../lib/model/cluster.ts';
import type { RouteDecision } from '../../lib/model/facts.ts';

export const gateway = defineCheck({
  id: 'ha/gateway',
  title: "Real servers' gateway is an address that moves to the other director",
  failureTitle: "Real servers' gateway stays with one director",
  sees: ['nat-gateway-not-failed-over'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalivedConf'],
  requiresOfAll: ['keepalivedConf', 'routes'],
  inapplicable: (subject) =>
    judgedElsewhere(subject) ??
    (natServers(subject.cluster).length === 0
      ? 'No service is forwarded by NAT: answers do not come back through the director'
      : undefined),
  doc: {
    why:
      'After a failover the VIP is on the other director, and a real server that answers through the DIP of the first one sends ' +
      'its answers to a host that is dead, or does not know the connection: every connection times out.',
    byHand: ['ip route get CIP # on each real server', 'ip -brief addr # on each director'],
    references: ['keepalived.conf(5), vrrp_sync_group', 'LVS-HOWTO, LVS-NAT'],
  },
  evaluate(_facts, { cluster }, { everyone }) {
    const sides = sidesOf(cluster, everyone);
    if ('outcome' in sides) return sides;
    const servers = natServers(cluster);
    const told = servers.flatMap((server) => {
      const routes = everyone.get(server.name)?.routes;
      if (routes?.known !== true) return [];
      const next = nextHop(cluster, routes.value);
      return next === undefined ? [] : [{ server, next, evidence: routes.evidence }];
    });
    const silent = servers.filter((server) => !told.some((one) => one.server === server));
    const found = Object.fromEntries(told.map(({ server, next }) => [server.name, next]));
    const moving = (address: string) =>
      sides.filter(({ conf }) => conf.instances.some((instance) => holds(instance, address)));
    const wrong = told.filter(
      ({ next }) =>
        cluster.directors.some(({ dip }) => sameAddress(dip, next)) || ![0, sides.length].includes(moving(next).length),
    );
    if (wrong.length > 0) {
      const hops = [...new Set(wrong.map(({ next }) => next))];
      const whose = hops.map((next) => {
        const owner = cluster.directors.find(({ dip }) => sameAddress(dip, next));
        return owner === undefined
          ? `${next}, which only keepalived on ${listed(moving(next).map(({ name }) => name))} has`
          : `${next}, which is the DIP of ${owner.name}`;
      });
      return fail({
        reason: `${listed(wrong.map(({ server }) => server.name))} ${wrong.length === 1 ? 'answers' : 'answer'} through ${listed(whose)}: after a failover nobody forwards the answers`,
        culprits: wrong.map(({ server }) => server.name),
        found,
        expected: 'an address of virtual_ipaddress on every director',
        evidence: [
          ...wrong.slice(0, 3).map(({ evidence }) => evidence),
          ...quoteLines(sides.flatMap((side) => side.conf.instances.map((instance) => [side, instance] as const))),
        ],
      });
    }
    if (silent.length > 0)
      return cannotTell(
        `Through which gateway ${listed(silent.map(({ name }) => name))} would answer is not known`,
        [],
      );
    const moved = told.filter(({ next }) => moving(next).length === sides.length);
    // A router between that knows the way is for real-server/reply-route to judge.
    if (moved.length === 0) return notApplicable('No real server has an address of keepalived for its gateway');
    return pass(
      {
        ...found,
        heldBy: moved
          .flatMap(({ next }) =>
            moving(next).flatMap(({ conf }) => conf.instances.filter((one) => holds(one, next)).map(placeText)),
          )
          .slice(0, 4),
      },
      moved.slice(0, 3).map(({ evidence }) => evidence),
    );
  },
});

function natServers({ virtualServices }: Cluster): readonly RealServer[] {
  const nat = virtualServices.filter(({ forwarding }) => forwarding === 'nat');
  return [...new Set(nat.flatMap(({ destinations }) => destinations.map(({ realServer }) => realServer)))];
}

/** Of the way to the first client that is not on link. */
function nextHop({ clients }: Cluster, routes: readonly RouteDecision[]): string | undefined {
  const ways = routes.filter(
    ({ destination, outcome }) => outcome === 'unicast' && clients.some(({ cip }) => sameAddress(cip, destination)),
  );
  return ways.find(({ gateway: hop }) => hop !== undefined)?.gateway;
}
