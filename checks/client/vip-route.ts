import { sameAddress } from '../address.ts';
import { quote } from '../quotation.ts';
import { cannotTell, defineCheck, fail, pass } from '../../lib/model/check.ts';

/**
 * A client that is itself director or real server proves nothing: with NAT its answers come back another way, with DR it
 * talks to itself.
 */
export const vipRoute = defineCheck({
  id: 'client/vip-route',
  title: 'Client has a route to the VIP',
  failureTitle: 'Client cannot reach the VIP, or would talk to itself',
  sees: ['client-on-backup-director'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'client-service',
  requires: ['routes'],
  doc: {
    why:
      'Without a route no request leaves the client. When the VIP is an address of the client itself, or its next hop is a ' +
      'real server, what the load shows is not the cluster.',
    byHand: ['ip route get VIP'],
    references: ['ip-route(8)'],
  },
  evaluate({ routes }, { cluster, host, service }, { evidence }) {
    const quoted = [quote(evidence('routes'), service.vip)];
    const route = routes.find(({ destination }) => sameAddress(destination, service.vip));
    if (route === undefined) return cannotTell(`${host.name} did not say which way it goes to ${service.vip}`, quoted);
    const expected = 'a route to another host that leads to the director';
    if (route.outcome === 'local') {
      return fail({
        reason: `${host.name} has the VIP ${service.vip} itself, so its requests never leave it`,
        found: route,
        expected,
        evidence: quoted,
      });
    }
    if (route.outcome !== 'unicast') {
      return fail({
        reason: `${host.name} has no way to the VIP ${service.vip}: its kernel says ${route.outcome}`,
        found: route,
        expected,
        evidence: quoted,
      });
    }
    const { gateway } = route;
    const through = cluster.realServers.find(({ rip }) => gateway !== undefined && sameAddress(rip, gateway));
    if (through !== undefined && service.forwarding === 'nat') {
      return fail({
        reason: `${host.name} goes to the VIP ${service.vip} through the real server ${through.name} (${through.rip})`,
        found: route,
        expected,
        evidence: quoted,
      });
    }
    return pass(route, quoted);
  },
});
