import { entryOf, sameAddress } from '../address.ts';
import { ownersOf } from '../census.ts';
import { notDirect, wayFrom } from '../direct-forwarding.ts';
import { quote } from '../quotation.ts';
import { ipCommand } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { wayTo } from '../ways.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import { hostsOf } from '../../lib/model/cluster.ts';
import type { FaultId } from '../../lib/model/fault-id.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/** States in which the kernel uses the entry (NUD_VALID of include/net/neighbour.h). */
const inUse = ['permanent', 'reachable', 'probe', 'stale', 'delay'];

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
    const entries = neighbours.filter(
      ({ address, mac, state, interface: name }) =>
        mac !== undefined &&
        inUse.includes(state) &&
        hops.some((one) => sameAddress(one.hop, address) && (one.interface === undefined || one.interface === name)),
    );
    if (entries.length === 0)
      return notApplicable(`${host.name} keeps no neighbour entry for the next hop of its answers`);
    const judged = entries.map((entry) => {
      const { address, mac = '' } = entry;
      const holders = hostsOf(cluster).filter(({ name }) => {
        const own = everyone.get(name)?.addresses;
        return own?.known === true && entryOf(own.value, address)?.up === true;
      });
      const macs = holders.flatMap(({ name }) => {
        const links = everyone.get(name)?.links;
        return links?.known === true ? links.value.flatMap((link) => link.mac ?? []) : [];
      });
      return { entry, mac, macs, holders: holders.map(({ name }) => name), owners: ownersOf(mac, cluster, everyone) };
    });
    const found = Object.fromEntries(judged.map(({ entry, mac }) => [entry.address, `${mac} ${entry.state}`]));
    const quoted = [quote(evidence('neighbours'), ...entries.map(({ address }) => address))];
    const wrong = judged.find(
      ({ entry, mac, macs, owners }) =>
        macs.length > 0 && !macs.includes(mac) && (owners.length > 0 || entry.state === 'permanent'),
    );
    if (wrong !== undefined) {
      const { entry, mac, macs, holders, owners } = wrong;
      const { address, interface: device, state } = entry;
      const neigh = `${ipCommand(address)} neigh`;
      const moved = state !== 'permanent' && cluster.directors.some(({ name }) => owners.includes(name));
      return fail({
        reason:
          `${host.name} sends its answers by way of ${address} to ${mac}, ` +
          `${owners.length === 0 ? 'an interface of no host of the cluster file' : `which is ${listed(owners)}`}, ` +
          `not to ${listed(holders)}${state === 'permanent' ? ', by a permanent entry' : ''}`,
        faults: moved ? unheard : ['stale-arp-at-client-or-router'],
        found,
        expected: { [address]: macs },
        evidence: quoted,
        remedy: {
          host: host.name,
          summary: `Forget who had ${address}, so that it is asked for again`,
          commands: [`${neigh} del ${shellWord(address)} dev ${shellWord(device)}`],
          undo: [
            `${neigh} replace ${shellWord(address)} lladdr ${shellWord(mac)} dev ${shellWord(device)} nud ${state === 'permanent' ? 'permanent' : 'stale'}`,
          ],
        },
      });
    }
    const silent = hostsOf(cluster).flatMap(({ name }) => (everyone.get(name)?.addresses.known === true ? [] : [name]));
    const unknown = judged.filter(({ macs }) => macs.length === 0).map(({ entry }) => entry.address);
    if (unknown.length === judged.length)
      return silent.length === 0
        ? notApplicable(`The next hop of ${host.name}'s answers (${listed(unknown)}) is no host of the cluster file`)
        : cannotTell(
            `Which host has ${listed(unknown)}, where ${host.name} sends its answers, is not known: it may be ${listed(silent)}, whose addresses could not be read`,
            quoted,
          );
    return pass(found, quoted);
  },
});

/** It has moved with the VIP, and whether that was told is the question. */
const unheard: readonly FaultId[] = [
  'garp-lost-after-failover',
  'no-garp-after-split-brain-heal',
  'stale-arp-at-client-or-router',
];
