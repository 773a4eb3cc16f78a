import { sameAddress } from '../address.ts';
import { quote } from '../quotation.ts';
import { tunnelKind } from '../tunnels.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

/** `ipvsadm --tun-type`: what the director wraps packets in has to be what the real server unwraps. */
export const tunnelType = defineCheck({
  id: 'director/tunnel-type',
  title: 'Director wraps packets in what real servers unwrap',
  failureTitle: 'Director wraps packets in what a real server does not unwrap',
  sees: ['tun-type-mismatch'],
  severity: 'mandatory',
  stage: 'post',
  scope: 'director-service',
  requires: ['ipvsRules'],
  requiresOfAll: ['links'],
  inapplicable: ({ service: { name, forwarding } }) =>
    forwarding === 'tun' ? undefined : `${name} forwards by ${forwarding}, not through tunnels`,
  doc: {
    why:
      'A destination with --tun-type gue or gre gets packets in UDP or GRE. A real server that listens for IP in IP says that ' +
      'the port or the protocol is unreachable, and the director passes it on: the client is refused at once.',
    byHand: ['ipvsadm -Sn | grep tun-type', 'ip -d link # on the real server', 'ip fou show # on the real server'],
    references: ['ipvsadm(8), --tun-type', 'net/netfilter/ipvs/ip_vs_xmit.c (ip_vs_tunnel_xmit)'],
  },
  evaluate({ ipvsRules }, { host, service }, { evidence, everyone }) {
    const destinations = service.destinations.flatMap(({ realServer }) =>
      ipvsRules.services.flatMap((each) =>
        each.destinations
          .filter(({ address, forwarding }) => forwarding === 'tun' && sameAddress(address, realServer.rip))
          .map((destination) => ({ realServer, type: typeOf(destination.extra) })),
      ),
    );
    if (destinations.length === 0)
      return notApplicable(`No destination of ${service.name} is in the rules as a tunnel`);
    const found = Object.fromEntries(destinations.map(({ realServer, type }) => [realServer.name, type]));
    const quoted = [quote(evidence('ipvsRules'), ...destinations.map(({ realServer }) => realServer.rip))];
    const judged = destinations.map(({ realServer, type }) => {
      const links = everyone.get(realServer.name)?.links;
      if (links?.known !== true || type === 'gue')
        return { realServer, type, fits: type === 'ipip' ? true : undefined };
      const kinds =
        type === 'gre' ? ['gre', 'gretap', 'ip6gre', 'ip6gretap'] : [tunnelKind(service.vip, realServer.rip)];
      // Without any interface of the kind it is another check that says so, unless there is one for another wrapping.
      const others = links.value.some(
        ({ kind, up }) => up && ['gre', 'ip6gre', 'ipip', 'sit', 'ip6tnl'].includes(kind ?? ''),
      );
      return {
        realServer,
        type,
        fits: links.value.some(({ kind, up }) => up && kinds.includes(kind ?? '')) || !others,
      };
    });
    const wrong = judged.find(({ fits }) => fits === false);
    if (wrong !== undefined)
      return fail({
        reason: `${host.name} wraps packets for ${wrong.realServer.name} in ${wrong.type}, and no interface there unwraps that`,
        culprits: [wrong.realServer.name],
        found,
        expected: { [wrong.realServer.name]: tunnelKind(service.vip, wrong.realServer.rip) },
        evidence: quoted,
      });
    const unknown = judged.find(({ fits }) => fits === undefined);
    if (unknown !== undefined)
      return cannotTell(
        `Whether ${unknown.realServer.name} unwraps ${unknown.type} cannot be seen from outside`,
        quoted,
        'On the real server: ip fou show',
      );
    return pass(found, quoted);
  },
});

function typeOf(extra: readonly string[]): string {
  const at = extra.indexOf('--tun-type');
  const joined = extra.find((word) => word.startsWith('--tun-type='));
  return (at < 0 ? joined?.slice('--tun-type='.length) : extra[at + 1]) ?? 'ipip';
}
