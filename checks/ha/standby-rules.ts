import { endpoint } from '../address.ts';
import { judgedElsewhere } from '../director-pair.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import type { IpvsDestination, IpvsRules, IpvsService, Fact } from '../../lib/model/facts.ts';
import { ruleKey } from '../../lib/model/service-rule.ts';

/** network/peer-drift warns of what differs; without the rules themselves a failover is an outage. */
export const standbyRules = defineCheck({
  id: 'ha/standby-rules',
  title: 'Every director has the same IPVS rules',
  failureTitle: 'A director lacks IPVS rules that another has, or has them otherwise',
  sees: ['backup-lacks-rules'],
  severity: 'mandatory',
  stage: 'post',
  scope: 'director',
  requires: ['ipvsRules'],
  requiresOfAll: ['ipvsRules'],
  inapplicable: judgedElsewhere,
  doc: {
    why:
      'After a failover the new master answers by its own rules: without the service it refuses connections, with another method ' +
      'or destination it sends them where nobody takes them. Weights and destinations that a health check took out may differ for a while.',
    byHand: ['ipvsadm -Sn | sort # on each director', 'diff'],
    references: ['ipvsadm(8)', 'keepalived.conf(5), virtual_server'],
  },
  evaluate(_facts, { cluster }, { everyone }) {
    const sides: { readonly name: string; readonly fact: Extract<Fact<IpvsRules>, { known: true }> }[] = [];
    for (const { name } of cluster.directors) {
      const fact = everyone.get(name)?.ipvsRules;
      if (fact?.known !== true)
        return cannotTell(
          `The IPVS rules of ${name} are not known: ${fact?.message ?? 'they were not asked for'}`,
          [],
          fact?.hint,
        );
      sides.push({ name, fact });
    }
    if (sides.every(({ fact }) => fact.value.services.length === 0))
      return notApplicable('No director has an IPVS rule; virtual-service/rules judges that');
    const keys = [...new Set(sides.flatMap(({ fact }) => fact.value.services.map(ruleKey)))];
    const differences = keys.flatMap((key) => {
      const having = sides.map(({ name, fact }) => ({
        name,
        service: fact.value.services.find((one) => ruleKey(one) === key),
      }));
      return differencesOf(key, having);
    });
    const grave = differences.filter(({ tolerated }) => !tolerated);
    const tolerated = differences.filter((one) => one.tolerated).map(({ text }) => text);
    const found = {
      services: Object.fromEntries(sides.map(({ name, fact }) => [name, fact.value.services.length])),
      ...(tolerated.length > 0 ? { byHealthChecks: tolerated } : {}),
    };
    const evidence = sides.map(({ fact }) => quote(fact.evidence, ...grave.map(({ word }) => word)));
    if (grave.length === 0) return pass(found, evidence);
    return fail({
      reason: grave.map(({ text }) => text).join('; '),
      culprits: [...new Set(grave.flatMap(({ culprits }) => culprits))],
      found,
      expected: 'the same services, schedulers, persistence and destinations on every director',
      evidence,
    });
  },
});

interface Difference {
  readonly text: string;
  /** Where a health check may have done it. */
  readonly tolerated: boolean;
  readonly culprits: readonly string[];
  readonly word: string;
}

type Having = readonly { readonly name: string; readonly service: IpvsService | undefined }[];

function differencesOf(key: string, having: Having): readonly Difference[] {
  const word = key.replace(/^\S+ /, '');
  const lacking = having.filter(({ service }) => service === undefined).map(({ name }) => name);
  if (lacking.length > 0)
    return [
      {
        text: `${listed(lacking)} ${lacking.length === 1 ? 'lacks' : 'lack'} the rule of ${key}`,
        tolerated: false,
        culprits: lacking,
        word,
      },
    ];
  const culprits = having.map(({ name }) => name);
  const services = having.flatMap(({ name, service }) => (service === undefined ? [] : [{ name, service }]));
  const fields = [
    { what: 'scheduler', values: services.map(({ service }) => service.scheduler) },
    { what: 'persistence', values: services.map(({ service }) => `${service.persistenceS} s`) },
  ].filter(({ values }) => new Set(values).size > 1);
  return [
    ...fields.map(({ what, values }) => ({
      text: `${what} of ${key}: ${listed(values.map((value, index) => `${value} on ${services[index]?.name ?? ''}`))}`,
      tolerated: false,
      culprits,
      word,
    })),
    ...destinationDifferences(key, services),
  ];
}

/** A destination of fewer directors than all may be taken out by a health check, and so may a weight; a method is configured. */
function destinationDifferences(
  key: string,
  services: readonly { readonly name: string; readonly service: IpvsService }[],
): readonly Difference[] {
  const placeOf = ({ address, port }: IpvsDestination) => endpoint(address, port);
  const places = [...new Set(services.flatMap(({ service }) => service.destinations.map(placeOf)))];
  const empty = services.filter(({ service }) => service.destinations.length === 0).map(({ name }) => name);
  const none: readonly Difference[] =
    empty.length > 0 && empty.length < services.length
      ? [
          {
            text: `${listed(empty)} ${empty.length === 1 ? 'has' : 'have'} no destination of ${key}`,
            tolerated: false,
            culprits: empty,
            word: key.replace(/^\S+ /, ''),
          },
        ]
      : [];
  return [
    ...none,
    ...places.flatMap((place): readonly Difference[] => {
      const having = services.flatMap(({ name, service }) => {
        const one = service.destinations.find((each) => placeOf(each) === place);
        return one === undefined ? [] : [{ name, one }];
      });
      const lacking = services.filter(({ name }) => !having.some((each) => each.name === name)).map(({ name }) => name);
      const methods = new Set(having.map(({ one }) => one.forwarding));
      const weights = new Set(having.map(({ one }) => one.weight));
      const told = (value: (one: IpvsDestination) => string | number) =>
        listed(having.map(({ name, one }) => `${value(one)} on ${name}`));
      return [
        ...(lacking.length > 0
          ? [
              {
                text: `${listed(lacking)} ${lacking.length === 1 ? 'lacks' : 'lack'} ${place} of ${key}`,
                tolerated: true,
                culprits: lacking,
                word: place,
              },
            ]
          : []),
        ...(methods.size > 1
          ? [
              {
                text: `method of ${place} of ${key}: ${told((one) => one.forwarding)}`,
                tolerated: false,
                culprits: having.map(({ name }) => name),
                word: place,
              },
            ]
          : []),
        ...(weights.size > 1
          ? [
              {
                text: `weight of ${place} of ${key}: ${told((one) => one.weight)}`,
                tolerated: true,
                culprits: having.map(({ name }) => name),
                word: place,
              },
            ]
          : []),
      ];
    }),
  ];
}
