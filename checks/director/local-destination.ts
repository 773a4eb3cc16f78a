import { endpoint, entryOf, isLoopback } from '../address.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { serverEnd, takes } from '../server-end.ts';
import { defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

/**
 * A destination on the director itself is no fault: packets are delivered there. But with DR and TUN they are for the
 * VIP still, and with NAT from outside the kernel delivers nothing to 127.0.0.0/8.
 */
export const localDestination = defineCheck({
  id: 'director/local-destination',
  title: 'Destination on the director itself is served there',
  failureTitle: 'Destination is an address of the director, and nothing serves it',
  sees: ['local-destination-surprises'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director-service',
  requires: ['addresses', 'listeners'],
  doc: {
    why:
      'IPVS hands connections for a RIP of its own to a local socket, whatever the method: one bound to the RIP refuses what ' +
      'DR and TUN bring for the VIP. A RIP that is the director by mistake takes a share of the connections and refuses it.',
    byHand: ['ip -brief address', 'ss -Hltnp'],
    references: ['net/netfilter/ipvs/ip_vs_xmit.c (crosses_local_route_boundary)', 'LVS-HOWTO, LocalNode'],
  },
  evaluate({ addresses, listeners }, { host, service }, { evidence }) {
    const own = service.destinations.filter(
      ({ realServer }) => isLoopback(realServer.rip) || entryOf(addresses, realServer.rip) !== undefined,
    );
    if (own.length === 0) return notApplicable(`No destination of ${service.name} is an address of ${host.name}`);
    const protocol = service.protocol === 'udp' ? 'udp' : undefined;
    const ends = own.map((destination) => {
      const end = serverEnd(service, destination);
      const onPort = listeners.filter((listener) => listener.protocol === protocol && listener.port === end.port);
      return { destination, end, onPort, served: onPort.some((listener) => takes(listener, end.address)) };
    });
    const found = Object.fromEntries(
      ends.map(({ destination, onPort }) => [
        destination.realServer.name,
        onPort.map(({ address, port }) => endpoint(address, port)),
      ]),
    );
    const expected = Object.fromEntries(
      ends.map(({ destination, end }) => [destination.realServer.name, endpoint(end.address, end.port)]),
    );
    const quoted = [
      quote(evidence('addresses'), ...own.map(({ realServer }) => realServer.rip)),
      quote(evidence('listeners'), ...ends.map(({ end }) => `:${end.port}`)),
    ];
    const refused = ends.find(
      ({ destination }) => isLoopback(destination.realServer.rip) && service.forwarding === 'nat',
    );
    if (refused !== undefined) {
      return fail({
        reason:
          `${service.name} has ${refused.destination.realServer.name} at ${refused.destination.realServer.rip}: the kernel ` +
          'delivers no packet from outside to a loopback address',
        culprits: [refused.destination.realServer.name],
        found,
        expected: 'a RIP outside 127.0.0.0/8',
        evidence: quoted,
      });
    }
    const unserved = ends.filter(({ served }) => !served);
    if (unserved.length === 0) return pass(found, quoted);
    return fail({
      reason: `${host.name} is ${listed(unserved.map(({ destination }) => `${destination.realServer.name} (${destination.realServer.rip})`))} itself, and nothing on it listens on ${listed(unserved.map(({ end }) => endpoint(end.address, end.port)))}`,
      culprits: unserved.map(({ destination }) => destination.realServer.name),
      found,
      expected,
      evidence: quoted,
    });
  },
});
