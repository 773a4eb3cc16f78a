import { endpoint, sameAddress } from '../address.ts';
import { quote } from '../quotation.ts';
import { serverEnd, takes } from '../server-end.ts';
import { listed } from '../sentences.ts';
import { defineCheck, fail, pass, warn } from '../../lib/model/check.ts';

/** A datagram is answered from the address the kernel picks, unless the program says which one it came to. */
export const udpListener = defineCheck({
  id: 'real-server/udp-listener',
  title: 'UDP service is bound to the address that clients ask',
  failureTitle: 'UDP service is not bound to the address that clients ask',
  sees: ['rs-udp-wrong-source', 'rs-service-down'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['listeners'],
  inapplicable: ({ service: { name, protocol } }) => (protocol === 'udp' ? undefined : `${name} is ${protocol}`),
  doc: {
    why:
      'With DR and TUN a program on the wildcard address answers from the RIP, as far as it does not take care itself ' +
      '(IP_PKTINFO). The answer reaches the client, which waits for one from the VIP and ignores it.',
    byHand: ['ss -Hulnp', 'tcpdump -ni INTERFACE udp and src RIP'],
    references: ['ip(7), IP_PKTINFO', 'udp(7)', 'LVS-HOWTO, LVS-DR'],
  },
  evaluate({ listeners }, { host, service, destination }, { evidence }) {
    const end = serverEnd(service, destination);
    const at = endpoint(end.address, end.port);
    const sockets = listeners.filter(({ protocol, port }) => protocol === 'udp' && port === end.port);
    const found = sockets.map(({ address, port }) => endpoint(address, port));
    const quoted = [quote(evidence('listeners'), `:${end.port}`)];
    if (sockets.some(({ address }) => sameAddress(address, end.address))) return pass(found, quoted);
    if (!sockets.some((socket) => takes(socket, end.address)))
      return fail({
        reason: `${host.name} should take datagrams on ${at}, and ${found.length === 0 ? 'nothing' : `only ${listed(found)}`} is bound to port ${end.port}`,
        faults: ['rs-service-down'],
        found,
        expected: { bound: at },
        evidence: quoted,
      });
    if (service.forwarding === 'nat') return pass(found, quoted);
    return warn({
      reason: `${host.name} takes datagrams for ${at} on the wildcard address: a program that does not see to it itself answers from ${host.rip}, and clients ignore that`,
      faults: ['rs-udp-wrong-source'],
      found,
      expected: { bound: at },
      evidence: quoted,
    });
  },
});
