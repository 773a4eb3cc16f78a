import { entryOf, sameAddress } from '../address.ts';
import { ownersOf } from '../census.ts';
import { quote } from '../quotation.ts';
import { ipCommand } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, type Finding, notApplicable, pass } from '../../lib/model/check.ts';
import type { Cluster } from '../../lib/model/cluster.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/** States in which the kernel uses the entry (NUD_VALID of include/net/neighbour.h). */
const inUse = ['permanent', 'noarp', 'reachable', 'probe', 'stale', 'delay'];

export const vipNeighbour = defineCheck({
  id: 'network/vip-neighbour',
  title: 'Neighbours of the VIP know it by the MAC of its director',
  failureTitle: 'A neighbour sends packets for the VIP to a host that is not its director',
  sees: [
    'stale-arp-at-client-or-router',
    'rs-arp-announce-leak',
    'garp-lost-after-failover',
    'no-garp-after-split-brain-heal',
  ],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'host',
  requires: ['neighbours', 'addresses'],
  requiresOfAll: ['links', 'addresses'],
  doc: {
    why:
      'A neighbour keeps who had an address, and goes on sending there after the VIP has moved, or after a real server has ' +
      'asked its own questions in the name of the VIP. Its connections time out, or all end on one real server, while others fare well.',
    byHand: ['ip neigh show to VIP', 'ip -brief link # on the director'],
    references: ['RFC 826', 'ip-neighbour(8)', 'keepalived.conf(5), garp_master_refresh'],
  },
  evaluate({ neighbours, addresses }, { cluster, host }, { evidence, everyone }) {
    const vips = [...new Set(cluster.virtualServices.map(({ vip }) => vip))];
    const entries = vips.flatMap((vip) =>
      neighbours
        .filter(({ address, state, mac }) => sameAddress(address, vip) && mac !== undefined && inUse.includes(state))
        .filter(() => entryOf(addresses, vip) === undefined)
        .map((entry) => ({ vip, entry, mac: entry.mac ?? '' })),
    );
    if (entries.length === 0) return notApplicable(`${host.name} keeps no neighbour entry for a VIP`);
    const quoted = [quote(evidence('neighbours'), ...entries.map(({ entry }) => entry.address))];
    const found = Object.fromEntries(entries.map(({ vip, mac }) => [vip, mac]));
    const judged = entries.map((each) => {
      const holders = cluster.directors.filter(({ name }) => {
        const own = everyone.get(name)?.addresses;
        return own?.known === true && entryOf(own.value, each.vip)?.up === true;
      });
      const links = holders.map(({ name }) => everyone.get(name)?.links);
      const macs = links.flatMap((fact) => (fact?.known === true ? fact.value.flatMap(({ mac }) => mac ?? []) : []));
      const unknown = holders.length === 0 || links.some((fact) => fact?.known !== true);
      return { ...each, holders, macs, verdict: macs.includes(each.mac) ? 'right' : unknown ? 'unknown' : 'wrong' };
    });
    const wrong = judged.find(({ verdict }) => verdict === 'wrong');
    if (wrong !== undefined) {
      const { vip, entry, mac } = wrong;
      const owners = ownersOf(mac, cluster, everyone);
      const ip = ipCommand(vip);
      const device = shellWord(entry.interface);
      return fail({
        reason:
          `${host.name} sends packets for the VIP ${vip} to ${mac}, ` +
          `${owners.length === 0 ? 'an interface of no host of the cluster file' : `which is ${listed(owners)}`}, ` +
          `not to ${listed(wrong.holders.map(({ name }) => name))}`,
        ...blame(cluster, owners),
        found,
        expected: { [vip]: wrong.macs },
        evidence: quoted,
        remedy: {
          host: host.name,
          summary: `Forget who had ${vip}, so that it is asked for again`,
          commands: [`${ip} neigh del ${shellWord(vip)} dev ${device}`],
          undo: [
            `${ip} neigh replace ${shellWord(vip)} lladdr ${shellWord(mac)} dev ${device} nud ${entry.state === 'permanent' ? 'permanent' : 'stale'}`,
          ],
        },
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

/** A real server told the neighbour itself; with another director the VIP has moved, and whether that was heard is the question. */
function blame(cluster: Cluster, owners: readonly string[]): Pick<Finding, 'faults' | 'culprits'> {
  const leaking = cluster.realServers.filter(({ name }) => owners.includes(name)).map(({ name }) => name);
  if (leaking.length > 0) return { faults: ['rs-arp-announce-leak'], culprits: leaking };
  return cluster.directors.some(({ name }) => owners.includes(name))
    ? { faults: ['garp-lost-after-failover', 'no-garp-after-split-brain-heal', 'stale-arp-at-client-or-router'] }
    : { faults: ['stale-arp-at-client-or-router'] };
}
