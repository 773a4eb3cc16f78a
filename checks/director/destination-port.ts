import { endpoint, sameAddress } from '../address.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

/** Only NAT rewrites ports. With DR and TUN the kernel puts the port of the service in place of another one, and says nothing. */
export const destinationPort = defineCheck({
  id: 'director/destination-port',
  title: 'Kept rules ask for no other port where none can be given',
  failureTitle: 'Kept rules name a port that the kernel will not use',
  sees: ['dr-port-rewrite-attempted'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'director-service',
  requires: ['savedRules'],
  inapplicable: ({ service: { name, forwarding } }) =>
    forwarding === 'nat' ? `${name} forwards by nat, which rewrites ports` : undefined,
  doc: {
    why:
      'A destination of DR or TUN gets packets with the port that the client asked for. A rule with another port is taken, and ' +
      'shown by ipvsadm with the port of the service: who reads the file believes the real server is asked on a port that it never is.',
    byHand: ['cat /etc/ipvsadm.rules /etc/keepalived/keepalived.conf', 'ipvsadm -Ln # what the kernel made of it'],
    references: ['ipvsadm(8), -r', 'net/netfilter/ipvs/ip_vs_ctl.c (ip_vs_add_dest)', 'LVS-HOWTO, LVS-DR'],
  },
  evaluate({ savedRules }, { host, service }, { evidence }) {
    const kept = savedRules.services.filter(
      ({ protocol, address, port }) =>
        protocol === service.protocol && port === service.port && sameAddress(address, service.vip),
    );
    if (kept.length === 0) return notApplicable(`${host.name} keeps no rules for ${service.name}`);
    const destinations = kept.flatMap((each) => each.destinations).filter(({ forwarding }) => forwarding !== 'nat');
    const found = destinations.map(({ address, port }) => endpoint(address, port));
    const quoted = [quote(evidence('savedRules'), service.vip, ...destinations.map(({ address }) => address))];
    const other = destinations.filter(({ port }) => port !== service.port);
    if (other.length === 0) return pass(found, quoted);
    return fail({
      reason: `${host.name} keeps ${listed(other.map(({ address, port }) => endpoint(address, port)))} as destinations of ${service.name} by ${service.forwarding}, which cannot change the port: packets arrive there on ${service.port}`,
      found,
      expected: { port: service.port },
      evidence: quoted,
    });
  },
});
