import { sameAddress } from '../address.ts';
import { notDirect, wayFrom } from '../direct-forwarding.ts';
import { astray, forgetting, judgedEntry, unheardMove } from '../neighbour-entries.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { wayTo } from '../ways.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import { hostsOf } from '../../lib/model/cluster.ts';

/**
 * Which MAC a real server writes on its answers. A next hop that is no host of the cluster file may have any. A cloud, a
 * proxy or a virtual MAC may answer for one that is: only a permanent entry, or the MAC of another host, is told.
 */
export const nextHopNeighbour = defineCheck({
  id: 'real-server/next-hop-neighbour',
  title: 'Real server sends its answers to the MAC of the host that has the next hop',
  failureTitle: 'Real server sends its answers to another MAC than that of their next hop',
  sees: ['stale-arp-at-client-or-router', 'garp-lost-after-failover', 'no-garp-after-split-brain-heal'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['neighbours', 'routes'],
  requiresOfAll: ['addresses', 'links'],
  doc: {
    why:
      'The gateway of real servers behind NAT moves to the other director with the VIP. One that did not hear of it, or has the ' +
      'entry pinned, goes on sending its answers to a director that knows nothing of the connection, or to nobody: its route ' +
      'is right, its connections stay in SYN_RECV, and its clients time out, while those of its peers fare well.',
    byHand: [
      'ip route get CIP # on the real server',
      'ip neigh show to NEXT-HOP',
      'ip -brief link # where the next hop is',
    ],
    references: ['RFC 826', 'ip-neighbour(8)', 'keepalived.conf(5), garp_master_refresh'],
  },
  evaluate({ neighbours, routes }, subject, { evidence, everyone }) {
    const { cluster, host, service } = subject;
    const from = notDirect(subject) === undefined ? service.vip : undefined;
    const hops = cluster.clients.flatMap(({ cip }) => {
      const own = from === undefined ? undefined : wayFrom(routes, cip, from);
      const way = own?.outcome === 'unicast' ? own : wayTo(routes, cip);
      return way?.outcome === 'unicast' ? [{ hop: way.gateway ?? cip, interface: way.interface }] : [];
    });
    const judged = neighbours
      .filter(({ address, interface: name }) =>
        hops.some((one) => sameAddress(one.hop, address) && (one.interface === undefined || one.interface === name)),
      )
      .flatMap((entry) => judgedEntry(entry, hostsOf(cluster), cluster, everyone) ?? []);
    if (judged.length === 0)
      return notApplicable(`${host.name} keeps no neighbour entry for the next hop of its answers`);
    const found = Object.fromEntries(judged.map(({ entry, mac }) => [entry.address, `${mac} ${entry.state}`]));
    const quoted = [quote(evidence('neighbours'), ...judged.map(({ entry }) => entry.address))];
    const wrong = judged.find(
      ({ verdict, entry, owners }) => verdict === 'wrong' && (owners.length > 0 || entry.state === 'permanent'),
    );
    if (wrong !== undefined) {
      const { entry, macs, owners } = wrong;
      const pinned = entry.state === 'permanent';
      const moved = !pinned && cluster.directors.some(({ name }) => owners.includes(name));
      return fail({
        reason: `${host.name} sends its answers by way of ${entry.address} ${astray(wrong)}${pinned ? ', by a permanent entry' : ''}`,
        faults: moved ? unheardMove : ['stale-arp-at-client-or-router'],
        found,
        expected: { [entry.address]: macs },
        evidence: quoted,
        remedy: forgetting(host.name, wrong),
      });
    }
    const unknown = judged.filter(({ verdict }) => verdict === 'unknown').map(({ entry }) => entry.address);
    const silent = hostsOf(cluster)
      .map(({ name }) => name)
      .filter((name) => everyone.get(name)?.addresses.known !== true || everyone.get(name)?.links.known !== true);
    if (unknown.length > 0 && silent.length > 0)
      return cannotTell(
        `Which host has ${listed(unknown)}, where ${host.name} sends its answers, is not known: it may be ${listed(silent)}, whose addresses and MACs could not be read`,
        quoted,
      );
    return unknown.length === judged.length
      ? notApplicable(`The next hop of ${host.name}'s answers (${listed(unknown)}) is no host of the cluster file`)
      : pass(found, quoted);
  },
});
