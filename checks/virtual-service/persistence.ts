import { sameAddress } from '../address.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { defineCheck, fail, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { IpvsService } from '../../lib/model/facts.ts';
import { serviceName, serviceWords } from '../../lib/model/rule-words.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/** Ports of which one user's session uses both. */
const companions: readonly (readonly [number, number])[] = [
  [80, 443],
  [8080, 8443],
  [20, 21],
];

/** Judged for all services in the kernel, declared or not: of two that belong together one is often not. */
export const persistence = defineCheck({
  id: 'virtual-service/persistence',
  title: 'Persistence covers what belongs to one session',
  failureTitle: 'Persistence is missing, or falls apart by port',
  sees: ['port-zero-needs-persistence', 'fwmark-grouping-missing'],
  severity: 'mandatory',
  stage: 'post',
  scope: 'director',
  requires: ['ipvsRules'],
  doc: {
    why:
      'A service for all ports (port 0) schedules nothing unless it is persistent: the kernel logs "port zero only supported in ' +
      'persistent services" and refuses. Two persistent services pin a client twice, to different real servers: what it put ' +
      'into its session over HTTP is gone over HTTPS. One mark on both ports makes them one service.',
    byHand: ['ipvsadm -Sn', 'ipvsadm -Ln --persistent-conn'],
    references: [
      'net/netfilter/ipvs/ip_vs_core.c (ip_vs_schedule)',
      'ipvsadm(8), --fwmark-service',
      'LVS-HOWTO, fwmark',
    ],
  },
  evaluate({ ipvsRules: { services } }, { host }, { evidence }) {
    if (services.length === 0) return notApplicable(`${host.name} has no virtual service`);
    const name = (service: IpvsService): string => serviceName(service).join(' ');
    const found = Object.fromEntries(services.map((service) => [name(service), service.persistenceS]));
    const open = services.filter(
      ({ fwmark, port, persistenceS }) => fwmark === undefined && port === 0 && persistenceS === 0,
    );
    const [first] = open;
    if (first !== undefined) {
      return fail({
        reason: `${host.name} schedules nothing for ${listed(open.map(name))}: a service of all ports has to be persistent`,
        faults: ['port-zero-needs-persistence'],
        found,
        expected: 'a persistence timeout',
        evidence: [quote(evidence('ipvsRules'), first.address)],
        remedy: {
          host: host.name,
          summary: 'Make it persistent',
          commands: open.map(
            (service) =>
              `ipvsadm -E ${serviceWords({ ...service, persistenceS: 300 })
                .map(shellWord)
                .join(' ')}`,
          ),
          undo: open.map((service) => `ipvsadm -E ${serviceWords(service).map(shellWord).join(' ')}`),
        },
      });
    }
    const pairs = companions.flatMap((ports) =>
      persistentOn(services, ports[0]).flatMap((one) =>
        persistentOn(services, ports[1])
          .filter((other) => other.protocol === one.protocol && sameAddress(other.address, one.address))
          .map((other) => [one, other] as const),
      ),
    );
    const [pair] = pairs;
    // With one real server in common there is nothing to fall apart.
    if (pair === undefined || pair.every(({ destinations }) => destinations.length < 2)) {
      return pass(found, [evidence('ipvsRules')]);
    }
    return warn({
      reason: `${host.name} pins a client of ${name(pair[0])} and of ${name(pair[1])} apart: a session over both may meet two real servers`,
      faults: ['fwmark-grouping-missing'],
      found,
      expected:
        'one persistent service of a firewall mark that both ports get, or sessions that all real servers share',
      evidence: [quote(evidence('ipvsRules'), pair[0].address)],
    });
  },
});

function persistentOn(services: readonly IpvsService[], port: number): readonly IpvsService[] {
  return services.filter(
    (service) => service.fwmark === undefined && service.port === port && service.persistenceS > 0,
  );
}
