import { sameAddress } from '../address.ts';
import {
  counterpartOf,
  holds,
  judgedElsewhere,
  lint,
  matchesOf,
  placeText,
  type Match,
  type Problem,
  type Side,
} from '../director-pair.ts';
import { listed } from '../sentences.ts';
import { defineCheck } from '../../lib/model/check.ts';
import type { Cluster } from '../../lib/model/cluster.ts';
import type { VrrpAddress } from '../../lib/model/facts.ts';

export const virtualAddresses = defineCheck({
  id: 'ha/virtual-addresses',
  title: 'Directors take over the same addresses, and all VIPs are among them',
  failureTitle: 'Directors differ in the addresses they take over, or a VIP is not among them',
  sees: ['vrrp-vip-list-mismatch'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalivedConf'],
  requiresOfAll: ['keepalivedConf'],
  inapplicable: judgedElsewhere,
  doc: {
    why:
      'An advert that names other addresses is dropped, and both directors become MASTER; one that differs by an excluded address ' +
      'or a mask is taken, and after a failover an address is missing or has the wrong network.',
    byHand: [
      'journalctl -u keepalived | grep -E "ip number count|not present in MASTER advert"',
      'sed -n "/virtual_ipaddress/,/}/p" /etc/keepalived/keepalived.conf # on each director',
    ],
    references: ['RFC 9568, 7.1', 'keepalived.conf(5), virtual_ipaddress'],
  },
  evaluate(_facts, { cluster }, { everyone }) {
    return lint(cluster, everyone, {
      problemsOf: (sides) => [
        ...matchesOf(sides).flatMap(listProblems),
        ...unmatched(sides),
        ...unheldVips(cluster, sides),
      ],
      found: (sides) =>
        Object.fromEntries(
          sides.map(({ name, conf }) => [
            name,
            Object.fromEntries(
              conf.instances.map((one) => [one.name, [...one.addresses, ...one.excluded].map(textOf)]),
            ),
          ]),
        ),
      expected:
        'the same addresses with the same prefix lengths on every director, every VIP of the cluster file among them',
    });
  },
});

const lengthOf = ({ address, prefixLength }: VrrpAddress): number => prefixLength ?? (address.includes(':') ? 128 : 32);
const textOf = (entry: VrrpAddress): string => `${entry.address}/${lengthOf(entry)}`;
const same = (one: VrrpAddress, other: VrrpAddress): boolean =>
  sameAddress(one.address, other.address) && lengthOf(one) === lengthOf(other);

/** Each list against the first director's, both ways. */
function listProblems({ name, members }: Match): readonly Problem[] {
  const [first, ...others] = members;
  if (first === undefined) return [];
  return others.flatMap(({ side, instance }) =>
    (['addresses', 'excluded'] as const).flatMap((list) => {
      const keyword = list === 'addresses' ? 'virtual_ipaddress' : 'virtual_ipaddress_excluded';
      const only = (of: Side, mine: readonly VrrpAddress[], theirs: readonly VrrpAddress[]): readonly Problem[] => {
        const missing = mine.filter((entry) => !theirs.some((other) => same(entry, other)));
        if (missing.length === 0) return [];
        return [
          {
            text: `${keyword} of ${name} has ${listed(missing.map((entry) => `${textOf(entry)} (${placeText(entry)})`))} on ${of.name} only`,
            faults: ['vrrp-vip-list-mismatch'],
            culprits: [first.side.name, side.name],
            lines: missing.map((entry) => [of, entry] as const),
          },
        ];
      };
      return [
        ...only(first.side, first.instance[list], instance[list]),
        ...only(side, instance[list], first.instance[list]),
      ];
    }),
  );
}

/** Instances that one director alone has. */
function unmatched(sides: readonly Side[]): readonly Problem[] {
  return sides.flatMap((side) =>
    side.conf.instances.flatMap((instance) =>
      sides
        .filter((other) => other !== side && counterpartOf(instance, other.conf.instances) === undefined)
        .map((other): Problem => ({
          text: `${instance.name} is on ${side.name} (${placeText(instance)}) and nothing like it on ${other.name}`,
          faults: ['vrrp-vip-list-mismatch'],
          culprits: [other.name],
          lines: [[side, instance]],
        })),
    ),
  );
}

function unheldVips({ virtualServices }: Cluster, sides: readonly Side[]): readonly Problem[] {
  const vips = [...new Set(virtualServices.map(({ vip }) => vip))];
  return vips.flatMap((vip): readonly Problem[] => {
    const without = sides.filter(({ conf }) => !conf.instances.some((instance) => holds(instance, vip)));
    // On one side only it is told above; a VIP that keepalived has nothing to do with may be on lo, or routed.
    if (without.length !== sides.length) return [];
    return [
      {
        text: `No vrrp_instance of ${listed(sides.map(({ name }) => name))} has the VIP ${vip}`,
        faults: ['vrrp-vip-list-mismatch'],
        culprits: without.map(({ name }) => name),
        lines: sides.flatMap((side) => side.conf.instances.map((instance) => [side, instance] as const)),
      },
    ];
  });
}
