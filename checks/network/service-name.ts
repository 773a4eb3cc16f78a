import { sameAddress } from '../address.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

export const serviceName = defineCheck({
  id: 'network/service-name',
  title: "Service's name resolves to the VIP, and to nothing else",
  failureTitle: "Service's name does not resolve to the VIP alone",
  sees: ['dns-vip-mismatch'],
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
    const lookups = records.map(({ name }) => ({ name, addresses: names.find((one) => one.name === name)?.addresses }));
    const found = Object.fromEntries(lookups.map(({ name, addresses }) => [name, addresses ?? 'not asked']));
    const wrong = lookups.find(
      ({ addresses }) =>
        addresses !== undefined &&
        !(addresses.length > 0 && addresses.every((address) => sameAddress(address, service.vip))),
    );
    if (wrong?.addresses !== undefined) {
      const what = wrong.addresses.length === 0 ? 'nothing' : listed(wrong.addresses);
      return fail({
        reason: `${host.name} resolves ${wrong.name} to ${what}, not to ${service.vip} alone`,
        found,
        expected: Object.fromEntries(records.map(({ name }) => [name, [service.vip]])),
        evidence: quoted,
      });
    }
    const unasked = lookups.filter(({ addresses }) => addresses === undefined).map(({ name }) => name);
    if (unasked.length > 0) return cannotTell(`${host.name} did not look up ${listed(unasked)}`, quoted);
    return pass(found, quoted);
  },
});
