import { entryOf, sameAddress } from '../address.ts';
import { faultOfAnswering, wireSays } from '../census.ts';
import type { Everyone } from '../direct-forwarding.ts';
import { astray, forgetting, judgedEntry, unheardMove } from '../neighbour-entries.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, type Finding, notApplicable, pass } from '../../lib/model/check.ts';
import type { Cluster } from '../../lib/model/cluster.ts';
import type { FaultId } from '../../lib/model/fault-id.ts';

export const vipNeighbour = defineCheck({
  id: 'network/vip-neighbour',
  title: 'Neighbours of the VIP know it by the MAC of its director',
  failureTitle: 'A neighbour sends packets for the VIP to a host that is not its director',
  sees: [
    'stale-arp-at-client-or-router',
    'rs-arp-announce-leak',
    'rs-arp-flux',
    'rs-vip-on-nic',
    'rs-arp-vs-other-tools',
    'tun-arp',
    'v6-vip-answered-by-rs',
    'garp-lost-after-failover',
    'no-garp-after-split-brain-heal',
  ],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'host',
  requires: ['neighbours', 'addresses'],
  requiresOfAll: ['links', 'addresses', 'vipCensus'],
  doc: {
    why:
      'A neighbour keeps who had an address, and goes on sending there after the VIP has moved, or after a real server has ' +
      'asked its own questions in the name of the VIP. Its connections time out, or all end on one real server, while others fare well.',
    byHand: ['ip neigh show to VIP', 'ip -brief link # on the director'],
    references: ['RFC 826', 'ip-neighbour(8)', 'keepalived.conf(5), garp_master_refresh'],
  },
  evaluate({ neighbours, addresses }, { cluster, host }, { evidence, everyone }) {
    const vips = [...new Set(cluster.virtualServices.map(({ vip }) => vip))];
    const judged = vips
      .filter((vip) => entryOf(addresses, vip) === undefined)
      .flatMap((vip) => neighbours.filter(({ address }) => sameAddress(address, vip)))
      .flatMap((entry) => judgedEntry(entry, cluster.directors, cluster, everyone) ?? []);
    if (judged.length === 0) return notApplicable(`${host.name} keeps no neighbour entry for a VIP`);
    const quoted = [quote(evidence('neighbours'), ...judged.map(({ entry }) => entry.address))];
    const found = Object.fromEntries(judged.map(({ entry, mac }) => [entry.address, mac]));
    const wrong = judged.find(({ verdict }) => verdict === 'wrong');
    if (wrong !== undefined) {
      const { entry, macs, owners } = wrong;
      const { claims, ...blamed } = blame(cluster, entry.address, owners, everyone);
      return fail({
        reason: `${host.name} sends packets for the VIP ${entry.address} ${astray(wrong)}`,
        ...blamed,
        found,
        expected: { [entry.address]: macs },
        evidence: quoted,
        // Where it is told so again at once, whoever tells it is to be silenced, and the entry goes by itself.
        ...(claims ? {} : { remedy: forgetting(host.name, wrong) }),
      });
    }
    if (judged.some(({ verdict }) => verdict === 'unknown')) {
      const silent = cluster.directors
        .map(({ name }) => name)
        .filter((name) => everyone.get(name)?.addresses.known !== true || everyone.get(name)?.links.known !== true);
      return cannotTell(
        (silent.length === 0
          ? `No director has the VIP`
          : `What ${listed(silent)} has for addresses and MACs is not known`) +
          `, so whether ${host.name} keeps the right MAC cannot be judged`,
        quoted,
      );
    }
    return pass(found, quoted);
  },
});

/** A real server told the neighbour itself: it answered, where it is heard answering, or else it asked in the VIP's name. */
function blame(
  cluster: Cluster,
  vip: string,
  owners: readonly string[],
  everyone: Everyone<'links' | 'addresses' | 'vipCensus'>,
): Pick<Finding, 'faults' | 'culprits'> & { readonly claims: boolean } {
  const telling = cluster.realServers.filter(({ name }) => owners.includes(name)).map(({ name }) => name);
  const faults = telling.map((name): FaultId => {
    const service = cluster.virtualServices.find(
      (one) => sameAddress(one.vip, vip) && one.destinations.some(({ realServer }) => realServer.name === name),
    );
    return service !== undefined && wireSays(cluster, vip, everyone, name).heard === 'answers'
      ? faultOfAnswering(service, everyone.get(name)?.addresses)
      : 'rs-arp-announce-leak';
  });
  if (telling.length > 0)
    return { faults: [...new Set(faults)], culprits: telling, claims: !faults.includes('rs-arp-announce-leak') };
  return cluster.directors.some(({ name }) => owners.includes(name))
    ? { faults: unheardMove, claims: false }
    : { faults: ['stale-arp-at-client-or-router'], claims: false };
}
