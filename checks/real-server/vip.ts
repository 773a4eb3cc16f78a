import { entryOf, sameAddress } from '../address.ts';
import { isOwn, notDirect } from '../direct-forwarding.ts';
import { addToLo, bringUp, moveToLo } from '../lasting-remedies.ts';
import { persistedOf } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { servesByRedirect } from '../redirection.ts';
import { listed } from '../sentences.ts';
import { wayText } from '../ways.ts';
import { cannotTell, defineCheck, fail, pass } from '../../lib/model/check.ts';

/**
 * With DR and TUN a packet arrives with the VIP still in it, and the kernel drops what is for nobody here. An address is one
 * way to take it; a local route, REDIRECT, DNAT and TPROXY are others.
 */
export const vip = defineCheck({
  id: 'real-server/vip',
  title: 'Real server takes packets for the VIP as its own',
  failureTitle: 'VIP is not local to the real server',
  sees: [
    'rs-vip-missing',
    'tun-vip-missing',
    'forwarding-method-mismatch',
    'v6-vip-dad-failed',
    'healthcheck-false-positive',
  ],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['addresses', 'routes'],
  requiresOfAll: ['addresses', 'firewall', 'persistedNetwork'],
  inapplicable: notDirect,
  doc: {
    why:
      'Its share of the connections stays in SYN_RECV and times out, while a health check of the RIP goes on passing. With ' +
      'ip_forward on it sends the packets back to the director, which sends them again.',
    byHand: ['ip -brief address', 'ip route get VIP # says local', 'nstat -az IpInAddrErrors'],
    references: ['LVS-HOWTO, LVS-DR', 'net/ipv4/route.c (ip_route_input_slow)', 'ip-address(8)'],
  },
  evaluate({ addresses, routes }, { cluster, host, service }, { evidence, everyone }) {
    const entry = entryOf(addresses, service.vip);
    const quoted = [quote(evidence('addresses'), service.vip), quote(evidence('routes'), service.vip)];
    const expected = { local: service.vip };
    const persisted = persistedOf(everyone.get(host.name));
    const flaw = entry?.flags?.find((flag) => flag === 'dadfailed' || flag === 'tentative');
    if (entry !== undefined && flaw !== undefined) {
      const found = { interface: entry.interface, flags: entry.flags };
      if (flaw === 'tentative' && entry.flags?.includes('dadfailed') !== true)
        return cannotTell(
          `${host.name} is still asking whether anybody else has ${service.vip} (tentative)`,
          quoted,
          'Duplicate address detection takes a second; `nodad` on lo leaves it out.',
        );
      return fail({
        reason: `${host.name} may not use ${service.vip} on ${entry.interface}: another host had it when it was added (dadfailed)`,
        faults: ['v6-vip-dad-failed'],
        found,
        expected,
        evidence: quoted,
        remedy: moveToLo(
          host.name,
          `Put ${service.vip} on lo, where it is not announced and not asked for`,
          { ...entry, address: service.vip },
          persisted,
        ),
      });
    }
    if (isOwn(addresses, routes, service.vip)) return pass(entry ?? { route: 'local' }, quoted);

    const filter = everyone.get(host.name)?.firewall;
    const own = addresses.map(({ address }) => address);
    const redirect =
      filter?.known === true
        ? servesByRedirect(filter.value, service.vip, service.port, { protocol: service.protocol, own })
        : 'unknown';
    if (redirect === 'yes') return pass({ redirect: service.vip }, quoted);
    const down = entry === undefined ? '' : `: it is on ${entry.interface}, which is down`;
    if (redirect === 'unknown')
      return cannotTell(
        `${host.name} does not have the VIP ${service.vip}${down}, and whether a rule takes its packets all the same is not known`,
        quoted,
        filter?.known === false ? (filter.hint ?? filter.message) : 'iptables-save -t nat, nft list ruleset',
      );
    const other = natLike();
    const absent = service.forwarding === 'tun' ? 'tun-vip-missing' : 'rs-vip-missing';
    return fail({
      reason: `${host.name} does not take packets for the VIP ${service.vip} as its own${down}${other}`,
      faults: other === '' ? [absent] : ['forwarding-method-mismatch', absent],
      found: entry ?? null,
      expected,
      evidence: quoted,
      remedy:
        entry === undefined
          ? addToLo(
              host.name,
              `Give lo the VIP ${service.vip}, alone in its network; for IPv4, only once it keeps silent when asked for it (arp_ignore, arp_announce)`,
              service.vip,
              persisted,
            )
          : bringUp(host.name, entry.interface, persisted),
    });

    /** No VIP and the director for a gateway: set up for another forwarding method than the cluster file says. */
    function natLike(): string {
      const directors = cluster.directors.flatMap(({ name, dip }) => {
        const facts = everyone.get(name)?.addresses;
        return [dip, ...(facts?.known === true ? facts.value.map(({ address }) => address) : [])];
      });
      const through = routes.find(
        ({ gateway }) => gateway !== undefined && directors.some((address) => sameAddress(address, gateway)),
      );
      if (through === undefined) return '';
      return `, and answers ${wayText(through)}, the director: that is a real server for nat, and ${listed([service.name])} says ${service.forwarding}`;
    }
  },
});
