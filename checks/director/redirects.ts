import { isIpv6 } from '../address.ts';
import { eitherOn, interfaceKeys, redirectsAccepted } from '../interface-setting.ts';
import { quote } from '../quotation.ts';
import { forgetSysctl, persistentSysctl } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { wayTo } from '../ways.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import type { RealServer } from '../../lib/model/cluster.ts';
import { entryOf } from '../address.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/**
 * A director with one interface forwards an answer out of the interface it came in by, and tells the real server of the
 * shorter way. One that believes it answers that client past the director from then on.
 * The director tells where `all` or the interface says so; a host that does not forward believes it where either does.
 */
export const redirects = defineCheck({
  id: 'director/redirects',
  title: 'Director does not redirect real servers past itself',
  failureTitle: 'Director tells real servers to answer past it, and they do',
  sees: ['nat-icmp-redirect'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['sysctl', 'routes'],
  requiresOfAll: ['sysctl', 'addresses', 'routes'],
  inapplicable: ({ cluster }) =>
    cluster.virtualServices.some(({ forwarding }) => forwarding === 'nat')
      ? undefined
      : 'No service of the cluster forwards by NAT, and answers of DR and TUN do not pass the director',
  doc: {
    why:
      'Works at first: then, per client, the redirect arrives, the real server answers from the RIP, and connections are reset ' +
      'in the middle and time out for the five minutes the redirect is believed. The default route is right all the while.',
    byHand: [
      'sysctl net.ipv4.conf.all.send_redirects net.ipv4.conf.INTERFACE.send_redirects',
      'nstat -az IcmpOutRedirects',
      'ip route get CIP # on the real server: redirected',
    ],
    references: [
      'include/linux/inetdevice.h (IN_DEV_TX_REDIRECTS, IN_DEV_RX_REDIRECTS)',
      'LVS-HOWTO, LVS-NAT, one network',
    ],
  },
  evaluate({ sysctl, routes }, { cluster, host }, { evidence, everyone }) {
    const natServers = cluster.realServers.filter(({ name }) =>
      cluster.virtualServices.some(
        ({ forwarding, destinations }) =>
          forwarding === 'nat' && destinations.some(({ realServer }) => realServer.name === name),
      ),
    );
    const clients = cluster.clients.filter(({ cip }) => !isIpv6(cip));
    const ways = clients.map(({ cip }) => wayTo(routes, cip));
    const clientInterfaces = ways.flatMap((way) => way?.interface ?? []);
    const turned = natServers.flatMap((realServer) => {
      if (isIpv6(realServer.rip)) return [];
      const name = wayTo(routes, realServer.rip)?.interface;
      return name !== undefined && clientInterfaces.includes(name) ? [{ realServer, name }] : [];
    });
    const told = believed(natServers, (name) => {
      const fact = everyone.get(name)?.routes;
      return fact?.known === true && fact.value.some(({ redirected }) => redirected === true);
    });
    if (turned.length === 0 && told.length === 0) {
      if (ways.includes(undefined) || natServers.some(({ rip }) => wayTo(routes, rip) === undefined)) {
        return cannotTell(`${host.name} did not say by which interfaces it reaches clients and real servers`, [
          evidence('routes'),
        ]);
      }
      return notApplicable(
        `${host.name} hears clients and real servers on different interfaces, so it sends no redirects`,
      );
    }
    const names = [...new Set(turned.map(({ name }) => name))];
    const keys = names.flatMap((name) => interfaceKeys('send_redirects', name));
    const quoted = [quote(evidence('sysctl'), ...keys)];
    const sends = names.filter((name) => eitherOn(sysctl, 'send_redirects', name) === true);
    const unclear = names.filter((name) => eitherOn(sysctl, 'send_redirects', name) === undefined);
    const accepts = (realServer: RealServer): boolean | undefined => {
      const facts = everyone.get(realServer.name);
      if (facts?.sysctl.known !== true || !facts.addresses.known) return undefined;
      const entry = entryOf(facts.addresses.value, realServer.rip);
      return entry === undefined ? undefined : redirectsAccepted(facts.sysctl.value, entry.interface);
    };
    const found = {
      send_redirects: Object.fromEntries(names.map((name) => [name, eitherOn(sysctl, 'send_redirects', name) ?? null])),
      accept_redirects: Object.fromEntries(
        turned.map(({ realServer }) => [realServer.name, accepts(realServer) ?? null]),
      ),
    };
    const obeying = turned.filter(({ realServer, name }) => sends.includes(name) && accepts(realServer) === true);
    const first = obeying[0];
    if (first !== undefined || told.length > 0) {
      const who = told.length > 0 ? told : obeying.map(({ realServer }) => realServer.name);
      return fail({
        reason:
          told.length > 0
            ? `${listed(told)} answered a client by a way learned from an ICMP redirect, past the director`
            : `${host.name} sends redirects on ${first?.name ?? ''}, where it hears both clients and real servers, and ${listed(who)} believe${who.length === 1 ? 's' : ''} them`,
        found,
        expected: { send_redirects: 'off, in all and on the interface', accept_redirects: 'off on real servers' },
        evidence: quoted,
        remedy: {
          host: host.name,
          summary: 'Send no redirects; on the real servers forget those that came: ip route flush cache',
          commands: keys.map((key) => `sysctl -w ${shellWord(`${key}=0`)}`),
          persistent: keys.flatMap((key) => persistentSysctl(key, '0')),
          undo: keys.flatMap((key) => [`sysctl -w ${shellWord(`${key}=${sysctl[key] ?? '1'}`)}`, ...forgetSysctl(key)]),
        },
      });
    }
    const silent = turned.filter(({ realServer }) => accepts(realServer) === undefined);
    if (unclear.length > 0 || (sends.length > 0 && silent.length > 0)) {
      return cannotTell(
        unclear.length > 0
          ? `${host.name} did not say whether it sends redirects on ${listed(unclear)}`
          : `${host.name} sends redirects, and whether ${listed(silent.map(({ realServer }) => realServer.name))} believe them is not known`,
        quoted,
      );
    }
    return pass(found, quoted);
  },
});

function believed(realServers: readonly RealServer[], told: (name: string) => boolean): readonly string[] {
  return realServers.map(({ name }) => name).filter(told);
}
