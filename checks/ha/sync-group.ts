import { includesAddress } from '../address.ts';
import { alone, judgedElsewhere, lint, placeText, type Problem, servesVip, type Side } from '../director-pair.ts';
import { listed } from '../sentences.ts';
import { defineCheck } from '../../lib/model/check.ts';
import type { Cluster, ClusterHost } from '../../lib/model/cluster.ts';
import type { VrrpInstance } from '../../lib/model/facts.ts';

export const syncGroup = defineCheck({
  id: 'ha/sync-group',
  title: "VIP and the real servers' gateway move together",
  failureTitle: "The VIP can move without the real servers' gateway",
  sees: ['nat-gateway-not-failed-over'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalivedConf'],
  requiresOfAll: ['keepalivedConf', 'addresses'],
  inapplicable: (subject) => judgedElsewhere(subject) ?? withoutNat(subject),
  doc: {
    why:
      'With NAT answers go back through the director: the real servers need a gateway that moves with the VIP. Two instances ' +
      'outside one vrrp_sync_group may end on two directors, when one link fails: requests reach one, answers the other.',
    byHand: ['sed -n "/vrrp_sync_group/,/^}/p" /etc/keepalived/keepalived.conf', 'ip -brief addr # on each director'],
    references: ['keepalived.conf(5), vrrp_sync_group', 'LVS-HOWTO, LVS-NAT'],
  },
  evaluate(_facts, { cluster }, { everyone }) {
    return lint(cluster, everyone, {
      problemsOf: (sides) => sides.flatMap((side) => problemsOf(cluster, side)),
      found: (sides) =>
        Object.fromEntries(
          sides.map(({ name, conf }) => [
            name,
            Object.fromEntries(conf.syncGroups.map((one) => [one.name, one.members])),
          ]),
        ),
      expected: 'the instances of the VIP and of the inner VIP in one vrrp_sync_group, or in one instance',
    });
  },
});

function withoutNat(subject: { readonly cluster: Cluster; readonly host: ClusterHost }): string | undefined {
  const reason = alone(subject);
  if (reason !== undefined) return reason;
  return subject.cluster.virtualServices.some(({ forwarding }) => forwarding === 'nat')
    ? undefined
    : 'No service is forwarded by NAT: answers do not come back through the director';
}

function problemsOf(cluster: Cluster, side: Side): readonly Problem[] {
  const nat = cluster.virtualServices.filter(({ forwarding }) => forwarding === 'nat');
  const faults = ['nat-gateway-not-failed-over'] as const;
  const outer = side.conf.instances.filter((instance) => servesVip({ virtualServices: nat }, instance));
  const inner = side.conf.instances.filter((instance) =>
    entriesOf(instance).some((address) => !isVip(cluster, address)),
  );
  if (outer.length === 0) return [];
  if (inner.length === 0)
    return [
      {
        text: `keepalived on ${side.name} moves the VIP and no address that could be the real servers' gateway`,
        faults,
        culprits: [side.name],
        lines: outer.map((instance) => [side, instance] as const),
      },
    ];
  const apart = outer.flatMap((one) =>
    inner.filter(
      (other) =>
        other !== one &&
        !side.conf.syncGroups.some(({ members }) => members.includes(one.name) && members.includes(other.name)),
    ),
  );
  // One of the inner instances with the VIP is enough: which of them is the gateway is told by ha/gateway.
  if (apart.length < inner.length) return [];
  return [
    {
      text: `${listed([...outer, ...apart].map(({ name }) => name))} of ${side.name} are in no vrrp_sync_group together (${apart.map(placeText).join(', ')})`,
      faults,
      culprits: [side.name],
      lines: [...outer, ...apart].map((instance) => [side, instance] as const),
    },
  ];
}

function entriesOf({ addresses, excluded }: VrrpInstance): readonly string[] {
  return [...addresses, ...excluded].map(({ address }) => address);
}

function isVip({ virtualServices }: Cluster, address: string): boolean {
  return includesAddress(
    virtualServices.map(({ vip }) => vip),
    address,
  );
}
