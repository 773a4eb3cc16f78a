import { entryOf, inPrefix } from '../address.ts';
import { type Census, censusOf, faultOfAnswering, isOffNetwork, ownersOf } from '../census.ts';
import { quote } from '../quotation.ts';
import { forgetSysctl, persistentSysctl } from '../remedies.ts';
import { counted, listed } from '../sentences.ts';
import {
  cannotTell,
  defineCheck,
  fail,
  type Finding,
  type Judgement,
  notApplicable,
  pass,
} from '../../lib/model/check.ts';
import type { Cluster, Director, VirtualService } from '../../lib/model/cluster.ts';
import type { Remedy } from '../../lib/model/evidence.ts';
import type { FaultId } from '../../lib/model/fault-id.ts';
import type { Fact, InterfaceAddress } from '../../lib/model/facts.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/** Configuration says who should answer; the wire says who does. */
export const vipOwner = defineCheck({
  id: 'network/vip-owner',
  title: 'The director alone answers for the VIP on the wire',
  failureTitle: 'Somebody else answers for the VIP, or nobody does',
  sees: [
    'rs-arp-flux',
    'rs-vip-on-nic',
    'rs-arp-vs-other-tools',
    'tun-arp',
    'v6-vip-answered-by-rs',
    'duplicate-ip',
    'vip-absent-on-director',
    'vip-on-wrong-interface-or-down',
    'vrrp-split-brain',
    'backup-answers-arp',
  ],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director-service',
  requires: ['addresses'],
  requiresOfAll: ['addresses', 'links', 'vipCensus'],
  doc: {
    why:
      'Whoever answers first for the VIP gets the clients. A real server that does serves them by itself, and all looks ' +
      'well until it goes down: the director counts nothing, and one real server carries the load. A second director, or a ' +
      'foreign host with the same address, takes turns with the first.',
    byHand: [
      'arping -b -c 1 -I INTERFACE -s OWN_ADDRESS VIP # from a client, a real server, the director; never without -s',
      'ndisc6 -m -r 1 -w 1000 -s OWN_ADDRESS VIP INTERFACE # for IPv6',
      'ip -brief link # whose MAC it is',
    ],
    references: ['RFC 826', 'RFC 4861', 'arping(8)', 'LVS-HOWTO, The ARP Problem'],
  },
  evaluate(_facts, { cluster, host, service }, { everyone }) {
    const { vip } = service;
    const having = (up: boolean) =>
      cluster.directors.filter(({ name }) => {
        const addresses = everyone.get(name)?.addresses;
        return addresses?.known === true && entryOf(addresses.value, vip)?.up === up;
      });
    const upright = having(true);
    const rivals = upright.filter(({ name }) => announces(everyone.get(name)?.addresses, vip));
    // A standby may keep it on lo, and an address on a link that is down is answered for on others.
    const holders = [rivals, upright, having(false)].find((some) => some.length > 0) ?? [];
    const holder = holders.find(({ name }) => name === host.name) ?? holders[0];
    if (holder !== undefined && holder.name !== host.name)
      return notApplicable(`${holder.name} has the VIP ${vip}, and the question is asked about it`);
    if (holder === undefined && cluster.directors[0]?.name !== host.name)
      return notApplicable(`${host.name} does not have the VIP ${vip}`);
    const census = censusOf(cluster, vip, everyone);
    if (census.testimonies.length === 0) {
      return rivals.length > 1 ? shared(rivals, vip, service.name, everyone) : unasked(census, vip);
    }
    if (everyone.get(host.name)?.links.known !== true)
      return cannotTell(`${host.name} does not say which MAC it has, so whose answers those are cannot be told`, []);

    const macs = [...new Set(census.testimonies.flatMap(({ answers }) => answers))];
    const owners = macs.map((mac) => ({ mac, owners: ownersOf(mac, cluster, everyone) }));
    const found = Object.fromEntries(owners.map((each) => [each.mac, listed(each.owners) || 'nobody of the cluster']));
    const expected = holder === undefined ? {} : { answers: [holder.name] };
    const evidence = census.testimonies.map((each) => quote(each.evidence, vip));
    const foreign = owners.filter((each) => holder === undefined || !each.owners.includes(holder.name));
    if (foreign.length > 0) {
      const culprits = foreign.map((each) => culprit(each.mac, each.owners));
      const beside = macs.length > foreign.length ? `, beside ${host.name},` : '';
      const [first] = foreign;
      return fail({
        reason: `${listed(culprits)} answer${foreign.length === 1 ? 's' : ''}${beside} for the VIP ${vip} of ${service.name}`,
        ...blame(
          cluster,
          service,
          foreign.flatMap((each) => each.owners),
          everyone,
        ),
        found,
        expected,
        evidence,
        ...remedyFor(
          cluster.realServers.find(({ name }) => name === first?.owners[0])?.name,
          vip,
          everyone.get(first?.owners[0] ?? '')?.addresses,
        ),
      });
    }
    const witnesses = census.testimonies.filter((each) => each.host !== holder?.name);
    if (macs.length === 0 && (witnesses.length > 0 || holder === undefined)) {
      return fail({
        reason: `Nobody answers for the VIP ${vip} of ${service.name}; ${listed(census.testimonies.map((each) => each.host))} asked`,
        faults: ['vip-absent-on-director', 'vip-on-wrong-interface-or-down'],
        found,
        expected,
        evidence,
      });
    }
    if (macs.length === 0 && upright.length === 0)
      return notApplicable(
        `${host.name} has the VIP ${vip} on a link that is down; whether others are answered, nobody but itself could ask`,
      );
    return pass({ ...found, asked: census.testimonies.map((each) => each.host) }, evidence);
  },
});

/**
 * Whether it is asked for the VIP on the interface that has it. On lo or a dummy interface a standby may have it all the
 * while, silent by arp_ignore, and directors that a router shares may have one that lies in no network of theirs.
 */
function announces(addresses: Fact<readonly InterfaceAddress[]> | undefined, vip: string): boolean {
  if (addresses?.known !== true) return false;
  const entry = entryOf(addresses.value, vip);
  return addresses.value.some(
    (other) =>
      other !== entry &&
      other.interface === entry?.interface &&
      inPrefix(vip, `${other.address}/${other.prefixLength}`) === true,
  );
}

/** Two directors that both have the VIP on a network: each took the other for dead (split brain). Nobody need be asked. */
function shared(
  rivals: readonly Director[],
  vip: string,
  service: string,
  everyone: ReadonlyMap<string, { readonly addresses: Fact<readonly InterfaceAddress[]> }>,
): Judgement {
  const names = rivals.map(({ name }) => name);
  return fail({
    reason: `${listed(names)} both have the VIP ${vip} of ${service} on an interface of the network, and each answers for it`,
    faults: ['vrrp-split-brain'],
    found: { holders: names },
    expected: { holders: 'one director' },
    evidence: names.flatMap((name) => {
      const fact = everyone.get(name)?.addresses;
      return fact?.known === true ? [quote(fact.evidence, vip)] : [];
    }),
  });
}

/** By where those that answer have the VIP. An interface of no host of the cluster is a foreign host with the same address. */
function blame(
  cluster: Cluster,
  service: VirtualService,
  owners: readonly string[],
  everyone: ReadonlyMap<string, { readonly addresses: Fact<readonly InterfaceAddress[]> }>,
): Pick<Finding, 'faults' | 'culprits'> {
  const faultOf = (name: string): FaultId => {
    const addresses = everyone.get(name)?.addresses;
    if (cluster.directors.some((director) => director.name === name))
      return announces(addresses, service.vip) ? 'vrrp-split-brain' : 'backup-answers-arp';
    return faultOfAnswering(service, addresses);
  };
  if (owners.length === 0) return { faults: ['duplicate-ip'] };
  return { faults: [...new Set(owners.map(faultOf))], culprits: owners };
}

function culprit(mac: string, owners: readonly string[]): string {
  return owners.length === 0 ? `${mac}, an interface of no host of the cluster file,` : `${listed(owners)} (${mac})`;
}

/** arp_ignore hides what another interface has; a VIP on the interface that is asked is for real-server/vip-interface to move. */
function remedyFor(
  owner: string | undefined,
  vip: string,
  addresses: Fact<readonly InterfaceAddress[]> | undefined,
): { readonly remedy?: Remedy } {
  const entry = addresses?.known === true ? entryOf(addresses.value, vip) : undefined;
  if (owner === undefined || vip.includes(':') || !isOffNetwork(entry?.interface ?? '')) return {};
  const settings = [
    ['net.ipv4.conf.all.arp_ignore', '1'],
    ['net.ipv4.conf.all.arp_announce', '2'],
  ] as const;
  return {
    remedy: {
      host: owner,
      summary: `Have ${owner} keep silent about the VIP; real-server/arp-suppression says why it does not`,
      commands: settings.map(([key, value]) => `sysctl -w ${key}=${value}`),
      persistent: settings.flatMap(([key, value]) => persistentSysctl(key, value)),
      undo: settings.flatMap(([key]) => [`sysctl -w ${key}=0`, ...forgetSysctl(key)]),
    },
  };
}

function unasked({ gaps }: Census, vip: string): Judgement {
  const [gap] = gaps;
  if (gap === undefined)
    return notApplicable(
      `No host of the cluster file could ask for ${vip} on its segment: \`interface:\` of a client or real server there would let it`,
    );
  const hint = gap.missing.hint ?? `Run there: arping -b -c 1 -I INTERFACE -s OWN_ADDRESS ${shellWord(vip)}`;
  return cannotTell(
    `Who answers for ${vip} was not asked from ${counted(gaps.length, 'host')}: ${gap.missing.message}`,
    gap.missing.evidence === undefined ? [] : [gap.missing.evidence],
    hint,
  );
}
