import { entryOf, isLoopback } from '../address.ts';
import { quote } from '../quotation.ts';
import { cannotTell, defineCheck, fail, pass, warn } from '../../lib/model/check.ts';
import type { Director, RealServer } from '../../lib/model/cluster.ts';

/**
 * Load from a host of the cluster itself shows something else than what users see: a director speaks from the VIP, which
 * real servers of DR and TUN drop, and a real server that has the VIP speaks to itself.
 */
export const place = defineCheck({
  id: 'client/place',
  title: 'Client is neither director nor real server',
  failureTitle: 'Client is a director or a real server: its load proves nothing',
  sees: ['client-is-director', 'client-is-real-server'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'client-service',
  requires: ['addresses'],
  requiresOfAll: ['addresses'],
  doc: {
    why:
      'From the active director, connections of DR and TUN time out on a cluster that works. From a real server they all reach ' +
      'that one, or with NAT come back another way and hang. Only with NAT may the director itself be the client.',
    byHand: ['ip -brief address', 'ip route get VIP'],
    references: [
      'LVS-HOWTO, clients on the director and on real servers',
      'net/ipv4/fib_frontend.c (fib_validate_source)',
    ],
  },
  evaluate({ addresses }, { cluster, host, service }, { evidence, everyone }) {
    const isHere = (address: string, name: string): boolean => {
      const fact = everyone.get(name)?.addresses;
      return (
        entryOf(addresses, address) !== undefined ||
        (fact?.known === true && entryOf(fact.value, host.cip) !== undefined)
      );
    };
    const director = cluster.directors.find(({ dip, name }) => isHere(dip, name));
    const realServer = service.destinations.find(
      ({ realServer: { rip, name } }) => !isLoopback(rip) && isHere(rip, name),
    )?.realServer;
    const quoted = [quote(evidence('addresses'), host.cip, director?.dip ?? '', realServer?.rip ?? '')];
    const found = { director: director?.name ?? null, realServer: realServer?.name ?? null };
    const expected = { director: null, realServer: null };
    if (realServer !== undefined) {
      return fail({
        reason:
          `${host.name} (${host.cip}) is the real server ${realServer.name}` +
          (service.forwarding === 'nat'
            ? ': answers to it do not come back through the director'
            : ', which has the VIP: it talks to itself'),
        faults: ['client-is-real-server'],
        found,
        expected,
        evidence: quoted,
      });
    }
    if (director !== undefined) {
      const finding = { faults: ['client-is-director'], found, expected, evidence: quoted } as const;
      return service.forwarding === 'nat'
        ? warn({
            ...finding,
            reason: `${host.name} (${host.cip}) is the director ${director.name}: its load takes no way that users take`,
          })
        : fail({
            ...finding,
            reason: `${host.name} (${host.cip}) is the director ${director.name}: it speaks from the VIP, which real servers have and drop`,
          });
    }
    const silent = [...cluster.directors, ...cluster.realServers].filter(
      (other: Director | RealServer) => everyone.get(other.name)?.addresses.known !== true,
    );
    // The client's own addresses tell whether it has a declared one; a silent host may have the CIP unsaid.
    if (silent.length === cluster.directors.length + cluster.realServers.length) {
      return cannotTell(
        `No director or real server said which addresses it has, so none can be told from ${host.name}`,
        quoted,
      );
    }
    return pass(found, quoted);
  },
});
