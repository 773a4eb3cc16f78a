import { isIpv6, sameAddress } from '../address.ts';
import { quote } from '../quotation.ts';
import { ipCommand, setSysctl } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { wayTo } from '../ways.ts';
import { cannotTell, defineCheck, fail, pass, warn } from '../../lib/model/check.ts';
import { hostsOf } from '../../lib/model/cluster.ts';
import type { Remedy } from '../../lib/model/evidence.ts';
import type { Fact, NetworkLink, Neighbour } from '../../lib/model/facts.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/**
 * Which MAC the director writes on packets for a RIP. A permanent entry is never asked again; any other one is, so only
 * one that names another host of the cluster is told. A cloud may answer for everybody with a MAC of its own.
 */
export const neighbours = defineCheck({
  id: 'director/neighbours',
  title: "Director has the real servers' own MAC addresses",
  failureTitle: "Director sends a real server's packets to another MAC",
  sees: ['director-neigh-stale'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['neighbours', 'routes', 'sysctl'],
  requiresOfAll: ['links'],
  doc: {
    why:
      'An entry pinned by hand outlives a network card: packets for that real server go to nobody, or with DR to another one ' +
      'that has the VIP as well and answers in its place. A table that is full (gc_thresh3) drops packets for new neighbours.',
    byHand: [
      'ip neigh show',
      'ip neigh show nud permanent',
      'sysctl net.ipv4.neigh.default.gc_thresh3',
      'dmesg | grep "table overflow"',
    ],
    references: ['ip-neighbour(8)', 'arp(7), gc_thresh3', 'net/core/neighbour.c (neigh_alloc)'],
  },
  evaluate({ neighbours: entries, routes, sysctl }, { cluster, host }, { evidence, everyone }) {
    const macsOf = (name: string): readonly string[] | undefined => {
      const fact = everyone.get(name)?.links;
      return fact?.known === true ? fact.value.flatMap(({ mac }) => mac ?? []) : undefined;
    };
    const seen = cluster.realServers.flatMap((realServer) => {
      const way = wayTo(routes, realServer.rip);
      if (way?.outcome !== 'unicast' || way.gateway !== undefined) return [];
      const own = macsOf(realServer.name);
      return entries.flatMap((entry) =>
        sameAddress(entry.address, realServer.rip) &&
        entry.mac !== undefined &&
        (way.interface === undefined || way.interface === entry.interface)
          ? [{ realServer, entry, mac: entry.mac, own }]
          : [],
      );
    });
    const found = Object.fromEntries(
      seen.map(({ realServer, entry, mac }) => [realServer.name, `${mac} ${entry.state}`]),
    );
    const quoted = [quote(evidence('neighbours'), ...seen.map(({ entry }) => entry.address))];
    const foreign = seen.filter(({ mac, own }) => own !== undefined && !own.includes(mac));
    for (const { realServer, entry, mac, own = [] } of foreign) {
      const owner = hostsOf(cluster).find(
        ({ name }) => name !== realServer.name && macsOf(name)?.includes(mac) === true,
      );
      const permanent = entry.state === 'permanent';
      if (!permanent && owner === undefined) continue;
      const finding = {
        reason:
          `${host.name} sends packets for ${realServer.name} (${entry.address}) to ${mac}, ` +
          (owner === undefined ? 'which is no MAC of it' : `which is ${owner.name}'s`) +
          (permanent ? ', by a permanent entry' : ''),
        culprits: [realServer.name],
        found,
        expected: { [realServer.name]: own },
        evidence: quoted,
        remedy: forgetting(host.name, realServer.name, entry, mac),
      };
      return permanent ? fail(finding) : warn(finding);
    }
    for (const family of ['ipv4', 'ipv6'] as const) {
      const key = `net.${family}.neigh.default.gc_thresh3`;
      const most = Number(sysctl[key] ?? Number.NaN);
      const count = entries.filter(({ address }) => isIpv6(address) === (family === 'ipv6')).length;
      if (!(count >= most * fullShare)) continue;
      return warn({
        reason: `${host.name} has ${count} neighbours, and room for ${most} (${key}): new ones find none`,
        found: { neighbours: count, [key]: sysctl[key] },
        expected: { [key]: `more than ${Math.ceil(count / fullShare)}` },
        evidence: [quote(evidence('sysctl'), key)],
        remedy: setSysctl(host.name, 'Make room for more neighbours', key, String(most * 4), String(most)),
      });
    }
    const unknown = seen.filter(({ own, entry }) => own === undefined && entry.state === 'permanent');
    const names = listed(unknown.map(({ realServer }) => realServer.name));
    const unreached = unknown.filter(({ realServer: { name } }) => isUnreached(everyone.get(name)?.links));
    const [first] = unreached;
    // The entry may be why.
    if (first !== undefined) {
      return warn({
        reason: `${host.name} has a permanent entry for ${names}, which did not say what MAC it has`,
        culprits: unreached.map(({ realServer }) => realServer.name),
        found,
        expected: 'the MAC of the real server, or no permanent entry',
        evidence: quoted,
        remedy: forgetting(host.name, first.realServer.name, first.entry, first.mac),
      });
    }
    if (unknown.length > 0)
      return cannotTell(`${host.name} has a permanent entry for ${names}, which did not say what MAC it has`, quoted);
    return pass(found, quoted);
  },
});

function isUnreached(links: Fact<readonly NetworkLink[]> | undefined): boolean {
  return links?.known === false && links.reason === 'unreachable';
}

function forgetting(
  host: string,
  realServer: string,
  { address, interface: name, state }: Neighbour,
  mac: string,
): Remedy {
  const neigh = `${ipCommand(address)} neigh`;
  const dev = shellWord(name);
  return {
    host,
    summary: `Forget the entry, so that ${realServer} is asked again`,
    commands: [`${neigh} del ${address} dev ${dev}`],
    undo:
      state === 'permanent' ? [`${neigh} replace ${address} lladdr ${shellWord(mac)} nud permanent dev ${dev}`] : [],
  };
}

/** Part of gc_thresh3 from which the table counts as full. */
const fullShare = 0.9;
