import { includesAddress, sameAddress } from '../address.ts';
import { judgedElsewhere, lint, type Match, matchesOf, placeOf, placeText, type Problem } from '../director-pair.ts';
import { listed } from '../sentences.ts';
import { defineCheck } from '../../lib/model/check.ts';
import type { Cluster } from '../../lib/model/cluster.ts';
import type { Fact, InterfaceAddress } from '../../lib/model/facts.ts';

type Addresses = ReadonlyMap<string, { readonly addresses: Fact<readonly InterfaceAddress[]> }>;

export const unicastPeers = defineCheck({
  id: 'ha/unicast-peers',
  title: 'Directors send their adverts to where the others listen',
  failureTitle: 'Adverts go past the other directors',
  sees: ['vrrp-unicast-misconfig'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalivedConf'],
  requiresOfAll: ['keepalivedConf', 'addresses'],
  inapplicable: judgedElsewhere,
  doc: {
    why:
      'Adverts go to the multicast group, or with unicast_peer to the peers named and nobody else. One that is named on one ' +
      'side only, an address nobody has, or another group on each side: both hear nobody and become MASTER.',
    byHand: [
      'grep -nE -A4 "unicast_(src_ip|peer)|mcast" /etc/keepalived/keepalived.conf # on each director',
      'tcpdump -ni DEV proto 112',
    ],
    references: ['keepalived.conf(5), unicast_peer'],
  },
  evaluate(_facts, { cluster }, { everyone }) {
    return lint(cluster, everyone, {
      problemsOf: (sides) => matchesOf(sides).flatMap((match) => problemsOf(cluster, match, everyone)),
      found: (sides) =>
        Object.fromEntries(
          sides.map(({ name, conf }) => [
            name,
            Object.fromEntries(
              conf.instances.map((one) => [
                one.name,
                one.unicastPeers.length > 0
                  ? `${one.sourceAddress ?? 'its own address'} to ${listed(one.unicastPeers)}`
                  : `multicast ${one.multicastGroup ?? '224.0.0.18'}`,
              ]),
            ),
          ]),
        ),
      expected: 'multicast on every director, or on each unicast_src_ip its own and unicast_peer the others',
    });
  },
});

function problemsOf(cluster: Cluster, { name, members }: Match, everyone: Addresses): readonly Problem[] {
  const faults = ['vrrp-unicast-misconfig'] as const;
  const unicast = members.filter(({ instance }) => instance.unicastPeers.length > 0);
  const culprits = members.map(({ side }) => side.name);
  const lines = members.map(
    ({ side, instance }) => [side, placeOf(instance, 'unicast_peer', 'vrrp_mcast_group4')] as const,
  );
  if (unicast.length === 0) {
    const groups = new Set(members.map(({ instance }) => instance.multicastGroup ?? '224.0.0.18'));
    if (groups.size < 2) return [];
    return [{ text: `${name} advertises to ${listed([...groups])}, one on each director`, faults, culprits, lines }];
  }
  if (unicast.length < members.length) {
    const others = members.filter((one) => !unicast.includes(one));
    const [some, rest] = [unicast, others].map((list) => listed(list.map(({ side }) => side.name)));
    const places = unicast.map(({ instance }) => placeText(placeOf(instance, 'unicast_peer')));
    const text = `${name} advertises by unicast on ${some ?? ''} (${places.join(', ')}) and by multicast on ${rest ?? ''}`;
    return [{ text, faults, culprits, lines }];
  }
  return members.flatMap(({ side, instance }): readonly Problem[] => {
    const own = addressesOf(side.name, cluster, everyone);
    const problem = (text: string, keyword: string): Problem => ({
      text: `${text} (${placeText(placeOf(instance, keyword, 'unicast_peer'))})`,
      faults,
      culprits: [side.name],
      lines: [[side, placeOf(instance, keyword, 'unicast_peer')]],
    });
    const source = instance.sourceAddress;
    const foreign = source !== undefined && own !== undefined && !includesAddress(own, source);
    const unreached = members.filter((other) => {
      if (other.side === side) return false;
      const theirs = other.instance.sourceAddress;
      const reachable = theirs === undefined ? addressesOf(other.side.name, cluster, everyone) : [theirs];
      return reachable !== undefined && !instance.unicastPeers.some((peer) => includesAddress(reachable, peer));
    });
    return [
      ...(foreign ? [problem(`${side.name} does not have unicast_src_ip ${source} of ${name}`, 'unicast_src_ip')] : []),
      ...(unreached.length > 0
        ? [
            problem(
              `unicast_peer of ${name} on ${side.name}, ${listed(instance.unicastPeers)}, does not reach ${listed(unreached.map((one) => one.side.name))}${unreached.flatMap((one) => one.instance.sourceAddress ?? []).some((address) => !instance.unicastPeers.some((peer) => sameAddress(peer, address))) ? `, which sends from ${listed(unreached.flatMap((one) => one.instance.sourceAddress ?? []))}` : ''}`,
              'unicast_peer',
            ),
          ]
        : []),
    ];
  });
}

/** Undefined where the director does not say. VIPs count for nobody: they are where the master is. */
function addressesOf(name: string, { virtualServices }: Cluster, everyone: Addresses): readonly string[] | undefined {
  const fact = everyone.get(name)?.addresses;
  if (fact?.known !== true) return undefined;
  const vips = virtualServices.map(({ vip }) => vip);
  return fact.value.map(({ address }) => address).filter((address) => !includesAddress(vips, address));
}
