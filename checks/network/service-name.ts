import { endpoint, includesAddress, isIpv6, sameAddress } from '../address.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

export const serviceName = defineCheck({
  id: 'network/service-name',
  title: "Service's name resolves to the VIP, and to nothing else",
  failureTitle: "Service's name does not resolve to the VIP alone",
  sees: ['dns-vip-mismatch', 'v6-service-missing'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'client-service',
  requires: ['names'],
  doc: {
    why:
      'A name that leads to an old VIP or past the director to a RIP works by address and fails by name. An AAAA record ' +
      'without an IPv6 service makes clients wait before they fall back.',
    byHand: ['getent ahosts NAME', 'dig +short NAME A NAME AAAA'],
    references: ['getent(1)', 'RFC 6724'],
  },
  evaluate({ names }, { cluster, host, service }, { evidence }) {
    const records = cluster.dns.filter(({ address }) => sameAddress(address, service.vip));
    if (records.length === 0) return notApplicable(`The cluster file names no DNS record for ${service.vip}`);
    const quoted = [quote(evidence('names'), ...records.map(({ name }) => name))];
    // A name may have an address of each family: every one that is declared for it, and has the service.
    const services = cluster.virtualServices.filter(
      ({ port, protocol }) => port === service.port && protocol === service.protocol,
    );
    const meant = (name: string): readonly string[] =>
      cluster.dns
        .filter((record) => record.name === name && services.some(({ vip }) => sameAddress(vip, record.address)))
        .map(({ address }) => address);
    const lookups = records.map(({ name }) => ({ name, addresses: names.find((one) => one.name === name)?.addresses }));
    const found = Object.fromEntries(lookups.map(({ name, addresses }) => [name, addresses ?? 'not asked']));
    const wrong = lookups.find(
      ({ name, addresses }) =>
        addresses !== undefined &&
        !(
          includesAddress(addresses, service.vip) && addresses.every((address) => includesAddress(meant(name), address))
        ),
    );
    if (wrong?.addresses !== undefined) {
      const what = wrong.addresses.length === 0 ? 'nothing' : listed(wrong.addresses);
      const expected = meant(wrong.name);
      const other = wrong.addresses.find((address) => isIpv6(address) && !expected.some(isIpv6));
      return fail({
        reason:
          `${host.name} resolves ${wrong.name} to ${what}, not to ${listed(expected)} alone` +
          (other === undefined ? '' : `: nothing serves ${endpoint(other, service.port)}, and clients try IPv6 first`),
        faults: [other === undefined ? 'dns-vip-mismatch' : 'v6-service-missing'],
        found,
        expected: Object.fromEntries(records.map(({ name }) => [name, meant(name)])),
        evidence: quoted,
      });
    }
    const unasked = lookups.filter(({ addresses }) => addresses === undefined).map(({ name }) => name);
    if (unasked.length > 0) return cannotTell(`${host.name} did not look up ${listed(unasked)}`, quoted);
    return pass(found, quoted);
  },
});
