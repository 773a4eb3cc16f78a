import { entryOf, isIpv6, isLoopback, sameAddress } from '../address.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

/**
 * Clients have to come to the VIP. A director or real server may know the name otherwise, or not at all: its own address
 * serves what runs on it. Somebody else's address serves nobody.
 */
export const nameResolution = defineCheck({
  id: 'network/name-resolution',
  title: "Directors and real servers know the service's name as clients do",
  failureTitle: "Service's name leads a host of the cluster elsewhere than clients",
  sees: ['dns-vip-mismatch'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'host',
  requires: ['addresses'],
  requiresOfAll: ['names'],
  inapplicable: ({ cluster, host }) => {
    if (host.role === 'client') return 'What clients need of the name is judged by network/service-name';
    return cluster.dns.length === 0 ? 'The cluster file names no DNS record' : undefined;
  },
  doc: {
    why:
      'Redirects, callbacks and health checks by name reach another cluster, or the address that the service had before it ' +
      'moved, from the one host whose resolver or /etc/hosts says so.',
    byHand: ['getent ahosts NAME', 'resolvectl query NAME', 'grep NAME /etc/hosts'],
    references: ['getent(1)', 'nsswitch.conf(5)'],
  },
  evaluate({ addresses: own }, { cluster, host }, { evidence, everyone }) {
    const fact = everyone.get(host.name)?.names;
    if (fact?.known !== true) {
      const reason = `What ${host.name} makes of the name is not known: ${fact?.message ?? 'it was not asked'}`;
      // Networks behind a director often have no name server that answers, and need none.
      return fact?.reason === 'command-failed' || fact?.reason === 'tool-absent'
        ? notApplicable(reason)
        : cannotTell(reason, [evidence('addresses')], fact?.hint);
    }
    const names = fact.value;
    const wanted = [...new Set(cluster.dns.map(({ name }) => name))];
    const lookups = wanted.map((name) => ({ name, addresses: names.find((one) => one.name === name)?.addresses }));
    const found = Object.fromEntries(lookups.map(({ name, addresses }) => [name, addresses ?? 'not asked']));
    const quoted = [quote(fact.evidence, ...wanted)];
    const declared = (name: string): readonly string[] =>
      cluster.dns.filter((record) => record.name === name).map(({ address }) => address);
    const strays = lookups.flatMap(({ name, addresses = [] }) =>
      addresses
        .filter(
          (address) =>
            !isLoopback(address) &&
            entryOf(own, address) === undefined &&
            !declared(name).some((one) => sameAddress(one, address)) &&
            // An address of the other family alone is judged where clients look the name up.
            declared(name).some((one) => isIpv6(one) === isIpv6(address)),
        )
        .map((address) => ({ name, address })),
    );
    const [stray] = strays;
    if (stray !== undefined) {
      return fail({
        reason: `${host.name} resolves ${stray.name} to ${stray.address}, not to ${listed(declared(stray.name))}`,
        found,
        expected: Object.fromEntries(wanted.map((name) => [name, declared(name)])),
        evidence: quoted,
      });
    }
    const unasked = lookups.filter(({ addresses }) => addresses === undefined).map(({ name }) => name);
    if (unasked.length > 0) return cannotTell(`${host.name} did not look up ${listed(unasked)}`, quoted);
    if (lookups.every(({ addresses }) => addresses?.length === 0)) {
      return notApplicable(`${host.name} does not know ${listed(wanted)}, and need not`);
    }
    return pass(found, quoted);
  },
});
