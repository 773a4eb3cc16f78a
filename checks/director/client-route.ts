import { isIpv6 } from '../address.ts';
import { quote } from '../quotation.ts';
import { forgetSysctl, persistentSysctl } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { wayText, wayTo } from '../ways.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import type { Remedy } from '../../lib/model/evidence.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/**
 * With NAT the director sends the answers, so it needs a way to every client. Turning IPv6 forwarding on takes one away
 * unasked: a router does not listen to router advertisements unless accept_ra is 2, and its default route runs out.
 */
export const clientRoute = defineCheck({
  id: 'director/client-route',
  title: 'Director has a way to every client',
  failureTitle: 'Director has no way to a client it should answer',
  sees: ['v6-forwarding-off'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['routes', 'sysctl'],
  inapplicable: ({ cluster }) =>
    cluster.virtualServices.some(({ forwarding }) => forwarding === 'nat')
      ? undefined
      : 'No service of the cluster forwards by NAT: real servers answer the clients themselves',
  doc: {
    why:
      'Answers come back from the real servers and end at the director: connections stay in SYN_RECV, on all real servers at ' +
      'once. With IPv6 it happens minutes after net.ipv6.conf.all.forwarding was turned on, when the route that a router ' +
      'advertised runs out.',
    byHand: ['ip route get CIP', 'ip -6 route show default', 'sysctl net.ipv6.conf.INTERFACE.accept_ra'],
    references: ['Documentation/networking/ip-sysctl.rst (accept_ra)', 'net/ipv6/addrconf.c'],
  },
  evaluate({ routes, sysctl }, { cluster, host }, { evidence }) {
    const families = new Set(
      cluster.virtualServices.filter(({ forwarding }) => forwarding === 'nat').map(({ vip }) => isIpv6(vip)),
    );
    const clients = cluster.clients.filter(({ cip }) => families.has(isIpv6(cip)));
    if (clients.length === 0) return notApplicable('The cluster file names no client to answer to');
    const ways = clients.map((client) => ({ client, way: wayTo(routes, client.cip) }));
    const found = Object.fromEntries(ways.map(({ client, way }) => [client.cip, wayText(way)]));
    const quoted = [quote(evidence('routes'), ...clients.map(({ cip }) => cip))];
    const lost = ways.find(({ way }) => way !== undefined && way.outcome !== 'unicast' && way.outcome !== 'local');
    if (lost !== undefined) {
      const { client } = lost;
      const key = `net.ipv6.conf.${host.vipInterface.replaceAll('.', '/')}.accept_ra`;
      const deaf =
        isIpv6(client.cip) &&
        sysctl['net.ipv6.conf.all.forwarding'] === '1' &&
        sysctl[key] !== undefined &&
        sysctl[key] === '1';
      return fail({
        reason:
          `${host.name} has no way to ${client.name} (${client.cip}): its kernel says ${wayText(lost.way)}` +
          (deaf ? `; it forwards, and with ${key}=1 it takes no route from router advertisements` : ''),
        found,
        expected: Object.fromEntries(clients.map(({ cip }) => [cip, 'a way through a router or on link'])),
        evidence: deaf ? [...quoted, quote(evidence('sysctl'), key, 'net.ipv6.conf.all.forwarding')] : quoted,
        ...(deaf ? { remedy: listening(host.name, key) } : {}),
      });
    }
    const unasked = ways.filter(({ way }) => way === undefined).map(({ client }) => client.cip);
    if (unasked.length > 0)
      return cannotTell(`${host.name} did not say which way it goes to ${listed(unasked)}`, quoted);
    return pass(found, quoted);
  },
});

function listening(host: string, key: string): Remedy {
  return {
    host,
    summary: 'Take router advertisements although the host forwards, or set a default route of its own',
    commands: [`sysctl -w ${shellWord(`${key}=2`)}`],
    persistent: persistentSysctl(key, '2'),
    undo: [`sysctl -w ${shellWord(`${key}=1`)}`, ...forgetSysctl(key)],
  };
}
