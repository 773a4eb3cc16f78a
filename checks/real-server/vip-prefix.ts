import { entryOf, inPrefix, isIpv6 } from '../address.ts';
import { interfaceOf, notDirect } from '../direct-forwarding.ts';
import { lasting } from '../lasting-places.ts';
import { keepAlone } from '../lasting-remedies.ts';
import { persistedOf } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { hostPrefix, ipCommand } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { defineCheck, fail, type Finding, notApplicable, pass, warn } from '../../lib/model/check.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/** With a network around it the address makes that whole network local, or reached by an interface nobody is behind. */
export const vipPrefix = defineCheck({
  id: 'real-server/vip-prefix',
  title: 'VIP on the real server is a single address',
  failureTitle: 'VIP on the real server takes its whole network with it',
  sees: ['rs-vip-wrong-prefix'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['addresses', 'routes'],
  requiresOfAll: ['persistedNetwork'],
  inapplicable: notDirect,
  doc: {
    why:
      'A VIP with /24 on lo makes every address of that network local: neighbours in it, the director with its health checks ' +
      'and the router among them, get no answer, while clients from elsewhere are served. The prefix of a VIP is /32, or /128.',
    byHand: ['ip -brief address show dev lo', 'ip route get GATEWAY # must not say local'],
    references: ['net/ipv4/fib_frontend.c (fib_add_ifaddr)', 'ip-address(8)'],
  },
  evaluate({ addresses, routes }, { cluster, host, service }, { evidence, everyone }) {
    const entry = entryOf(addresses, service.vip);
    if (entry === undefined) return notApplicable(`${host.name} has the VIP ${service.vip} on no interface`);
    const quoted = [quote(evidence('addresses'), service.vip)];
    const found = { interface: entry.interface, prefixLength: entry.prefixLength };
    const single = isIpv6(service.vip) ? 128 : 32;
    if (entry.prefixLength === single) return pass(found, quoted);
    if (entry.interface === interfaceOf(addresses, host.rip))
      return notApplicable(`${host.name} has the VIP on ${entry.interface} itself, the network of which is the same`);
    const network = `${service.vip}/${entry.prefixLength}`;
    const ip = ipCommand(service.vip);
    const device = shellWord(entry.interface);
    const lost = [
      ...cluster.directors.map(({ name, dip }) => ({ name, address: dip })),
      ...cluster.clients.map(({ name, cip }) => ({ name, address: cip })),
    ].filter(
      ({ address }) =>
        inPrefix(address, network) === true &&
        routes.some(
          ({ destination, from, outcome, interface: dev }) =>
            from === undefined &&
            inPrefix(destination, address) === true &&
            (outcome === 'local' || dev === entry.interface),
        ),
    );
    const finding: Finding = {
      reason: `${host.name} has the VIP as ${network} on ${entry.interface}, `,
      found,
      expected: { prefixLength: single },
      evidence: [
        ...quoted,
        ...(lost.length === 0 ? [] : [quote(evidence('routes'), ...lost.map(({ address }) => address))]),
      ],
      remedy: lasting(
        {
          host: host.name,
          summary: `Give ${entry.interface} the VIP alone, ${hostPrefix(service.vip)}`,
          commands: [
            `${ip} address add ${hostPrefix(service.vip)} dev ${device}`,
            `${ip} address del ${network} dev ${device}`,
          ],
          undo: [
            `${ip} address add ${network} dev ${device}`,
            `${ip} address del ${hostPrefix(service.vip)} dev ${device}`,
          ],
        },
        keepAlone(persistedOf(everyone.get(host.name)), { ...entry, address: service.vip }, 'add'),
      ),
    };
    if (lost.length > 0)
      return fail({
        ...finding,
        reason: `${finding.reason}so it takes ${listed(lost.map(({ name, address }) => `${name} (${address})`))} for somebody on ${entry.interface}, and its answers never reach them`,
      });
    return warn({
      ...finding,
      reason: `${finding.reason}so whoever else is in that network gets no answer; the hosts of the cluster file are reached another way`,
    });
  },
});
