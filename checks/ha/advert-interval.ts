import {
  difference,
  judgedElsewhere,
  lint,
  matchesOf,
  namesOf,
  placeOf,
  placeText,
  type Problem,
  servesVip,
  type Side,
} from '../director-pair.ts';
import { defineCheck } from '../../lib/model/check.ts';
import type { Cluster } from '../../lib/model/cluster.ts';

const seconds = (ms: number): string => `${ms / 1000} s`;

export const advertInterval = defineCheck({
  id: 'ha/advert-interval',
  title: 'Directors advertise in one interval and version',
  failureTitle: 'Directors do not take adverts of each other for their interval or version',
  sees: ['vrrp-advert-int-mismatch'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalivedConf'],
  requiresOfAll: ['keepalivedConf'],
  inapplicable: judgedElsewhere,
  doc: {
    why:
      'VRRPv2 drops an advert of another interval, and every version drops those of another version: the director that is to be ' +
      'master takes over late or never, or both are MASTER. With VRRPv3 a backup waits by the interval it hears.',
    byHand: [
      'journalctl -u keepalived | grep -E "interval mismatch|wrong version"',
      'grep -nE "advert_int|version" /etc/keepalived/keepalived.conf # on each director',
    ],
    references: ['RFC 9568, 7.1', 'keepalived.conf(5), advert_int, vrrp_version'],
  },
  evaluate(_facts, { cluster }, { everyone }) {
    return lint(cluster, everyone, {
      problemsOf: (sides) => [...mismatches(sides), ...undeclared(cluster, sides)],
      found: (sides) =>
        Object.fromEntries(
          sides.map(({ name, conf }) => [
            name,
            Object.fromEntries(
              conf.instances.map((one) => [one.name, `VRRPv${one.version}, ${seconds(one.advertIntervalMs)}`]),
            ),
          ]),
        ),
      expected: `one advert_int and version for an instance on every director${cluster.ha?.advertIntervalMs === undefined ? '' : `, ${seconds(cluster.ha.advertIntervalMs)} for the VIP`}`,
    });
  },
});

function mismatches(sides: readonly Side[]): readonly Problem[] {
  return matchesOf(sides).flatMap((match) => {
    const found = [
      { what: 'advert_int', values: difference(match, (one) => seconds(one.advertIntervalMs), 'advert_int') },
      { what: 'VRRP version', values: difference(match, (one) => String(one.version), 'version', 'vrrp_version') },
    ];
    return found.flatMap(({ what, values }): readonly Problem[] =>
      values === undefined
        ? []
        : [
            {
              text: `${what} of ${match.name} differs: ${values.said}`,
              faults: ['vrrp-advert-int-mismatch'],
              culprits: namesOf(match),
              lines: values.lines,
            },
          ],
    );
  });
}

function undeclared(cluster: Cluster, sides: readonly Side[]): readonly Problem[] {
  const declared = cluster.ha?.advertIntervalMs;
  if (declared === undefined) return [];
  return sides.flatMap((side) =>
    side.conf.instances
      .filter((one) => servesVip(cluster, one) && one.advertIntervalMs !== declared)
      .map((instance): Problem => {
        const place = placeOf(instance, 'advert_int');
        return {
          text: `${instance.name} of ${side.name} has advert_int ${seconds(instance.advertIntervalMs)} (${placeText(place)}), and the cluster file says ${seconds(declared)}`,
          faults: ['vrrp-advert-int-mismatch'],
          culprits: [side.name],
          lines: [[side, place]],
        };
      }),
  );
}
