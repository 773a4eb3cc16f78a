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

export const virtualRouterId = defineCheck({
  id: 'ha/virtual-router-id',
  title: 'Directors name their virtual router alike, and it is the declared one',
  failureTitle: 'Directors belong to different virtual routers',
  sees: ['vrrp-vrid-mismatch', 'vrrp-vrid-collision'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalivedConf'],
  requiresOfAll: ['keepalivedConf'],
  inapplicable: judgedElsewhere,
  doc: {
    why:
      'An advert of another virtual_router_id is for somebody else: each director hears nobody, becomes MASTER, and both answer ' +
      'for the VIP. Two instances of one id on one network are taken for one router.',
    byHand: ['grep -n virtual_router_id /etc/keepalived/keepalived.conf # on each director', 'tcpdump -ni DEV vrrp'],
    references: ['RFC 9568, 5.2.3', 'keepalived.conf(5), virtual_router_id'],
  },
  evaluate(_facts, { cluster }, { everyone }) {
    return lint(cluster, everyone, {
      problemsOf: (sides) => [...mismatches(sides), ...undeclared(cluster, sides), ...sharedOnOneNetwork(sides)],
      found: (sides) =>
        Object.fromEntries(
          sides.map(({ name, conf }) => [name, Object.fromEntries(conf.instances.map((one) => [one.name, one.vrid]))]),
        ),
      expected: `one virtual_router_id for an instance on every director${cluster.ha?.vrid === undefined ? '' : `, and ${cluster.ha.vrid} for the VIP`}`,
    });
  },
});

function mismatches(sides: readonly Side[]): readonly Problem[] {
  return matchesOf(sides).flatMap((match): readonly Problem[] => {
    const found = difference(match, ({ vrid }) => (vrid === undefined ? 'none' : String(vrid)), 'virtual_router_id');
    if (found === undefined) return [];
    const text = `virtual_router_id of ${match.name} differs: ${found.said}`;
    return [{ text, faults: ['vrrp-vrid-mismatch'], culprits: namesOf(match), lines: found.lines }];
  });
}

/** Where the directors agree and the cluster file does not, it is one sentence for all of them. */
function undeclared(cluster: Cluster, sides: readonly Side[]): readonly Problem[] {
  const declared = cluster.ha?.vrid;
  if (declared === undefined) return [];
  return sides.flatMap((side) => {
    const own = side.conf.instances.filter((instance) => servesVip(cluster, instance));
    if (own.length === 0 || own.some(({ vrid }) => vrid === declared)) return [];
    return own.map((instance): Problem => {
      const place = placeOf(instance, 'virtual_router_id');
      return {
        text: `${instance.name} of ${side.name} has virtual_router_id ${instance.vrid ?? 'none'} (${placeText(place)}), and the cluster file says ${declared}`,
        faults: ['vrrp-vrid-mismatch'],
        culprits: [side.name],
        lines: [[side, place]],
      };
    });
  });
}

function sharedOnOneNetwork(sides: readonly Side[]): readonly Problem[] {
  return sides.flatMap((side) =>
    side.conf.instances.flatMap((one, index): readonly Problem[] => {
      const other = side.conf.instances
        .slice(index + 1)
        .find((each) => each.vrid !== undefined && each.vrid === one.vrid && each.interface === one.interface);
      const families = [one, other].map((each) => each?.addresses[0]?.address.includes(':'));
      if (other === undefined || families[0] !== families[1]) return [];
      const places = [one, other].map((each) => placeOf(each, 'virtual_router_id'));
      return [
        {
          text: `${one.name} and ${other.name} of ${side.name} both have virtual_router_id ${one.vrid ?? ''} on ${one.interface ?? 'one network'} (${places.map(placeText).join(', ')})`,
          faults: ['vrrp-vrid-collision'],
          culprits: [side.name],
          lines: places.map((place) => [side, place] as const),
        },
      ];
    }),
  );
}
