import { isIpv6, sameAddress } from '../address.ts';
import { interfaceOf, notDirect, wayFrom } from '../direct-forwarding.ts';
import { greaterOf, interfaceKeys } from '../interface-setting.ts';
import { quote } from '../quotation.ts';
import { setSysctl } from '../remedies.ts';
import { tunnelsFor } from '../tunnels.ts';
import { wayTo } from '../ways.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

/**
 * Strict filtering drops a packet whose source would be answered by another interface. With TUN that is every packet of a
 * client: it comes out of the tunnel, and its answer leaves by the network. Loose filtering (2) lets it pass; the larger
 * of `all` and the interface counts, so that tunl0=0 under all=1 is still strict.
 */
export const reversePathFilter = defineCheck({
  id: 'real-server/reverse-path-filter',
  title: 'Requests are not dropped for the way their answers take',
  failureTitle: 'Reverse path filter drops requests for the VIP',
  sees: ['rs-rp-filter-multihomed', 'tun-rp-filter'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['sysctl', 'addresses', 'routes', 'links'],
  inapplicable: (subject) =>
    notDirect(subject) ??
    (isIpv6(subject.service.vip) ? `${subject.service.vip} is IPv6, for which there is no rp_filter` : undefined) ??
    (subject.cluster.clients.length === 0 ? 'The cluster file names no client whose answers take a way' : undefined),
  doc: {
    why:
      'The request reaches the real server and is dropped before anything sees it: SYN_RECV on the director, no socket on the ' +
      'real server, a client that times out. Only the counter IPReversePathFilter moves.',
    byHand: ['sysctl -a --pattern "rp_filter$"', 'ip route get CIP from VIP', 'nstat -az TcpExtIPReversePathFilter'],
    references: ['Documentation/networking/ip-sysctl.rst (rp_filter)', 'net/ipv4/fib_frontend.c', 'RFC 3704'],
  },
  evaluate({ sysctl, addresses, routes, links }, { cluster, host, service }, { evidence }) {
    const byNetwork = interfaceOf(addresses, host.rip);
    const tunnels = tunnelsFor(links, service.vip, host.rip).filter(({ up }) => up);
    const ingress =
      service.forwarding === 'tun' ? tunnels.map(({ name }) => name) : byNetwork === undefined ? [] : [byNetwork];
    if (ingress.length === 0)
      return notApplicable(
        service.forwarding === 'tun'
          ? `${host.name} has no tunnel interface that is up; real-server/tunnel says so`
          : `${host.name} does not have its RIP ${host.rip}; real-server/address says so`,
      );
    const clients = cluster.clients.filter(({ cip }) => !isIpv6(cip));
    const ways = clients.map((client) => {
      const bySource = wayFrom(routes, client.cip, service.vip);
      return { client, way: bySource?.outcome === 'unicast' ? bySource : wayTo(routes, client.cip) };
    });
    const quoted = [
      quote(evidence('sysctl'), ...ingress.flatMap((name) => interfaceKeys('rp_filter', name))),
      quote(evidence('routes'), ...clients.map(({ cip }) => cip)),
    ];
    const filters = ingress.map((name) => ({ name, value: greaterOf(sysctl, 'rp_filter', name) }));
    const found = {
      rp_filter: Object.fromEntries(filters.map(({ name, value }) => [name, value ?? 'not known'])),
      answers: Object.fromEntries(ways.map(({ client, way }) => [client.cip, way?.interface ?? 'not known'])),
    };
    const strict = filters.find(({ value }) => value === 1);
    if (strict === undefined) {
      const unknown = filters.find(({ value }) => value === undefined);
      return unknown === undefined
        ? pass(found, quoted)
        : cannotTell(`${host.name} does not say rp_filter of ${unknown.name}`, quoted);
    }
    const dropped = ways.find(
      ({ client, way }) =>
        way?.outcome === 'unicast' &&
        way.interface !== strict.name &&
        !addresses.some(({ address }) => sameAddress(address, client.cip)),
    );
    if (dropped?.way === undefined) return pass(found, quoted);
    const [all, own] = interfaceKeys('rp_filter', strict.name);
    const key = sysctl[own] === '1' ? own : all;
    const masked = sysctl[own] === '0' ? `, which is the larger of all (${sysctl[all] ?? ''}) and its own 0` : '';
    return fail({
      reason:
        `${host.name} drops requests of ${dropped.client.name} (${dropped.client.cip}) that come in on ${strict.name}: rp_filter is 1 there${masked}, ` +
        `and their answers leave by ${dropped.way.interface ?? 'another interface'}`,
      faults: [service.forwarding === 'tun' ? 'tun-rp-filter' : 'rs-rp-filter-multihomed'],
      found,
      expected: { rp_filter: { [strict.name]: '2, or 0' } },
      evidence: quoted,
      remedy: setSysctl(
        host.name,
        `Filter loosely on ${strict.name}: 2 wins over all=1`,
        own,
        '2',
        sysctl[own] ?? sysctl[key] ?? '0',
      ),
    });
  },
});
