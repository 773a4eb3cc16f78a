import { includesAddress } from '../address.ts';
import { notDirect, wayFrom } from '../direct-forwarding.ts';
import { eitherOn, greaterOf } from '../interface-setting.ts';
import { quote } from '../quotation.ts';
import { wayText, wayTo } from '../ways.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

/** The director owns the VIP: a packet from the VIP that comes in there is from an impostor, and dropped as a martian. */
export const vipReplyGateway = defineCheck({
  id: 'real-server/vip-reply-gateway',
  title: 'Answers from the VIP do not go through the director',
  failureTitle: 'Answers from the VIP go through the director, which drops them',
  sees: ['dr-rs-gateway-is-director', 'forwarding-method-mismatch'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['routes'],
  requiresOfAll: ['addresses', 'sysctl'],
  inapplicable: (subject) =>
    notDirect(subject) ??
    (subject.cluster.clients.length === 0 ? 'The cluster file names no client to answer to' : undefined),
  doc: {
    why:
      'With DR and TUN the gateway of a real server is a router. Sent to the director, an answer has one of the director’s ' +
      'own addresses as its source and is dropped whatever rp_filter says: SYN_RECV, and a client that times out. It works ' +
      'only where the director was told to take such packets (accept_local) and to forward.',
    byHand: [
      'ip route get CIP from VIP # on the real server',
      'cat /proc/net/stat/rt_cache # in_martian_src, on the director',
    ],
    references: [
      'net/ipv4/fib_frontend.c (fib_validate_source)',
      'Documentation/networking/ip-sysctl.rst (accept_local)',
      'LVS-HOWTO, LVS-DR (forward_shared)',
    ],
  },
  evaluate({ routes }, { cluster, host, service }, { evidence, everyone }) {
    const clients = cluster.clients.filter(({ cip }) => cip.includes(':') === service.vip.includes(':'));
    const ways = clients.map((client) => {
      const bySource = wayFrom(routes, client.cip, service.vip);
      const way = bySource?.outcome === 'source-not-local' ? undefined : bySource;
      return { client, way: way ?? wayTo(routes, client.cip), local: bySource?.outcome !== 'source-not-local' };
    });
    const found = Object.fromEntries(ways.map(({ client, way }) => [client.cip, wayText(way)]));
    const quoted = [quote(evidence('routes'), ...clients.map(({ cip }) => cip))];
    const gateways = ways.flatMap(({ way }) => way?.gateway ?? []);
    if (gateways.length === 0)
      return notApplicable(`${host.name} answers no client of the cluster file through a gateway`);
    const directors = cluster.directors.map((director) => {
      const facts = everyone.get(director.name);
      const own = facts?.addresses.known === true ? facts.addresses.value.map(({ address }) => address) : [];
      return {
        director,
        known: facts?.addresses.known === true,
        addresses: [director.dip, service.vip, ...own],
        sysctl: facts?.sysctl.known === true ? facts.sysctl.value : undefined,
      };
    });
    const through = directors.find(({ addresses }) => gateways.some((gateway) => includesAddress(addresses, gateway)));
    if (through === undefined) {
      const silent = directors.find(({ known }) => !known);
      if (silent === undefined) return pass(found, quoted);
      return cannotTell(
        `${host.name} answers through ${gateways[0] ?? ''}, and whether that is ${silent.director.name} cannot be told`,
        quoted,
      );
    }
    const { director, sysctl } = through;
    const takes = sysctl === undefined ? undefined : eitherOn(sysctl, 'accept_local', director.interface);
    const forwards = sysctl?.['net.ipv4.ip_forward'] === '1';
    const strict = sysctl === undefined ? undefined : greaterOf(sysctl, 'rp_filter', director.interface);
    if (takes === true && forwards && strict !== 1) return pass({ ...found, accept_local: director.name }, quoted);
    return fail({
      reason: `${host.name} answers clients of ${service.name} through ${gateways[0] ?? ''}, which is ${director.name}: the director drops what comes from its own VIP`,
      // Without the VIP it was set up for nat.
      faults: ways.some(({ local }) => !local)
        ? ['forwarding-method-mismatch', 'dr-rs-gateway-is-director']
        : ['dr-rs-gateway-is-director'],
      found: { ...found, accept_local: takes ?? 'not known', ip_forward: forwards },
      expected: { gateway: 'a router that is not the director' },
      evidence: quoted,
    });
  },
});
